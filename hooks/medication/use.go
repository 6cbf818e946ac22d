package medication

import (
	"fmt"
	"slices"

	"interictal/hooks/clinic"
	"interictal/hooks/diary"
)

const (
	monthDays     = 30
	enoughDays    = 21 // recorded, of 30
	patternBlocks = 3
	oftenHeadache = 15 // headache days of 30: ICHD-3 8.2 A
	Back          = monthDays * patternBlocks
)

// FewestDoses in a month that can come to a finding: each is at most one day, and MED_NEAR begins at 8 of 10.
const FewestDoses = strict * 4 / 5

// NotEnoughDays, as in the room diary.
const NotEnoughDays = diary.NotEnoughDays

// Look is what the last 90 days say on one day.
type Look struct {
	Month    Month     `json:"month"`
	Blocks   []Block   `json:"blocks"` // three times 30 days, the latest first
	Findings []Finding `json:"findings"`
}

// Month is the 30 days that end today.
type Month struct {
	From         clinic.Day   `json:"from"`
	To           clinic.Day   `json:"to"`
	RecordedDays int          `json:"recordedDays"`
	AcuteDays    int          `json:"acuteDays"` // with any acute drug
	ByClass      []Use        `json:"byClass"`   // in the order of Limits: those with a limit, and what else was taken
	Reason       diary.Reason `json:"reason"`    // why nothing is said of limits
}

// Use of one class, or of several together.
type Use struct {
	Class  diary.Class `json:"class"`
	Days   int         `json:"days"`
	Limit  *int        `json:"limit"`
	Source string      `json:"source"`
	Code   Code        `json:"code"` // "": nothing to say
}

// Block is one of the three stretches of 30 days that MOH_PATTERN looks at.
type Block struct {
	From         clinic.Day   `json:"from"`
	To           clinic.Day   `json:"to"`
	RecordedDays int          `json:"recordedDays"`
	HeadacheDays int          `json:"headacheDays"`
	LimitMet     bool         `json:"limitMet"`
	Reason       diary.Reason `json:"reason"`
}

// Finding is what is to be said, in words for the patient. A number of days carries what it rests on.
type Finding struct {
	Code         Code        `json:"code"`
	Class        diary.Class `json:"class"` // "" for MOH_PATTERN
	Days         int         `json:"days"`
	Limit        int         `json:"limit"`
	RecordedDays int         `json:"recordedDays"`
	Message      string      `json:"message"`
}

// LookOn judges the 90 days that end today. Entries of other days may be there or left out.
func LookOn(e diary.Entries, today clinic.Day) Look {
	all := diary.Days(e, diary.Profile{}, today.Add(1-Back), today)
	look := Look{Month: monthOf(all[Back-monthDays:]), Findings: []Finding{}}
	for end := Back; end > 0; end -= monthDays {
		look.Blocks = append(look.Blocks, blockOf(all[end-monthDays:end]))
	}
	if look.Month.Reason != "" {
		return look
	}
	for _, u := range look.Month.ByClass {
		if u.Code != "" {
			look.Findings = append(look.Findings, found(u, look.Month.RecordedDays))
		}
	}
	if !slices.ContainsFunc(look.Blocks, func(b Block) bool { return !b.fits() }) {
		look.Findings = append(look.Findings, pattern(look.Blocks))
	}
	return look
}

// Safety are the findings to tell a clinician about within days (§7.1 item 15, level S).
func (l Look) Safety() []Finding {
	return slices.DeleteFunc(slices.Clone(l.Findings), func(f Finding) bool { return !f.Code.Safety() })
}

func monthOf(all []diary.Day) Month {
	m := Month{From: all[0].Day, To: all[len(all)-1].Day, RecordedDays: recorded(all), ByClass: uses(all)}
	for _, d := range all {
		if slices.ContainsFunc(d.Classes, isDrug) {
			m.AcuteDays++
		}
	}
	if m.RecordedDays < enoughDays {
		m.Reason = NotEnoughDays
		for i := range m.ByClass {
			m.ByClass[i].Code = ""
		}
	}
	return m
}

func isDrug(c diary.Class) bool { return c != diary.Neuromodulation && c != diary.Cold }

func recorded(all []diary.Day) (n int) {
	for _, d := range all {
		if d.Recorded {
			n++
		}
	}
	return n
}

// uses counts each class over the days, several together among them.
func uses(all []diary.Day) []Use {
	count, summed := map[diary.Class]int{}, map[diary.Class]bool{}
	for _, d := range all {
		any := false
		for _, c := range d.Classes {
			count[c]++
			if limited(c) {
				any, summed[c] = true, true
			}
		}
		if any {
			count[Several]++
		}
	}
	if len(summed) < 2 {
		delete(count, Several) // nothing to add up; of two, one has a limit of ten, for only one class has more
	}
	return tell(count)
}

// tell writes the counts in order. Several together say nothing that one of them says already.
func tell(count map[diary.Class]int) []Use {
	out := []Use{}
	worst := Code("")
	for _, l := range Limits {
		if count[l.Class] == 0 && (l.Days == nil || l.Class == Several) {
			continue
		}
		u := Use{Class: l.Class, Days: count[l.Class], Limit: l.Days, Source: l.Source, Code: level(count[l.Class], limitOf(l.Class))}
		if l.Class == Several && (worst == Over || worst == u.Code) {
			u.Code = ""
		}
		if u.Code == Over || worst == "" {
			worst = u.Code
		}
		out = append(out, u)
	}
	return out
}

func blockOf(all []diary.Day) Block {
	b := Block{From: all[0].Day, To: all[len(all)-1].Day, RecordedDays: recorded(all)}
	for _, d := range all {
		if d.Headache == clinic.Yes {
			b.HeadacheDays++
		}
	}
	b.LimitMet = slices.ContainsFunc(uses(all), func(u Use) bool { return u.Code == Over })
	if b.RecordedDays < enoughDays {
		b.Reason = NotEnoughDays
	}
	return b
}

// fits: headache and use as ICHD-3 8.2 A and B have them, on enough days to say so.
func (b Block) fits() bool { return b.Reason == "" && b.HeadacheDays >= oftenHeadache && b.LimitMet }

func found(u Use, recorded int) Finding {
	f := Finding{Code: u.Code, Class: u.Class, Days: u.Days, Limit: *u.Limit, RecordedDays: recorded}
	const ask = " Talk to your prescriber before you change anything."
	if u.Code == Near {
		f.Message = fmt.Sprintf("You took %s on %d of the last 30 days. Doctors watch from %d days on: such use is linked with more headache days.", words[u.Class], u.Days, *u.Limit) + ask
	} else {
		f.Message = fmt.Sprintf("You took %s on %d of the last 30 days. That is %d days or more, which is linked with more headache days.", words[u.Class], u.Days, *u.Limit) + ask
	}
	return f
}

func pattern(blocks []Block) Finding {
	f := Finding{Code: Pattern, Days: blocks[0].HeadacheDays, Limit: oftenHeadache}
	for _, b := range blocks {
		f.Days, f.RecordedDays = min(f.Days, b.HeadacheDays), f.RecordedDays+b.RecordedDays
	}
	f.Message = "For three months in a row you had headache on 15 days or more, and took headache medicine on many days. The two can be linked. " +
		"A doctor can look at this with you. Talk to your prescriber before you change anything."
	return f
}

// words for a class, as a patient says them.
var words = map[diary.Class]string{
	diary.Triptan:         "a triptan",
	diary.Ergotamine:      "an ergot medicine",
	diary.Opioid:          "an opioid",
	diary.Combination:     "a combination painkiller",
	diary.SimpleAnalgesic: "simple painkillers",
	Several:               "headache medicines of several kinds",
}
