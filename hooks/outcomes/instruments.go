package outcomes

import (
	"fmt"
	"slices"
)

// Instruments is the table of spec §3.7. A size or a band that was not found published is not there.
var Instruments = slices.Concat([]Instrument{midas, hit6, msq}, promis, []Instrument{ndi, asc12, csi, tmdShort, tmdLong, psfs, groc, phq4, isi, psqi}, mtoq)

// numbered makes items q1 … qn that take every whole number in a range.
func numbered(n int, min, max float64, choices ...Choice) []Item {
	out := make([]Item, n)
	for i := range out {
		out[i] = Item{ID: fmt.Sprint("q", i+1), Min: min, Max: max, Choices: choices}
	}
	return out
}

// span names items qa … qb.
func span(a, b int) (ids []string) {
	for i := a; i <= b; i++ {
		ids = append(ids, fmt.Sprint("q", i))
	}
	return ids
}

var midas = Instrument{ID: "midas", Name: "MIDAS", Version: "1", About: "disability", Recall: "3 months", Rights: Numbers,
	Notice: "Migraine Disability Assessment. The words belong to the holder; often free to clinicians, no open licence found.",
	Items: append(numbered(5, 0, 92),
		Item{ID: "headache_days", Min: 0, Max: 92, Beside: true, Optional: true}, // A
		Item{ID: "pain", Min: 0, Max: 10, Beside: true, Optional: true}),         // B
	Scales: []Scale{{ID: "total", Metric: "MIDAS", Items: span(1, 5), Reckon: Sum, Max: 5 * 92, Whole: true,
		Bands:  []Band{{0, "I"}, {6, "II"}, {11, "III"}, {21, "IVa"}, {41, "IVb"}},
		Source: "MIDAS grades; IVa and IVb as used in trials",
		Worth: []Worth{{Size: 5, From: 11, To: 20, Source: "AHS position statement: 5 points from a score of 11 to 20"},
			{Size: 30, Percent: true, From: 21, Source: "AHS position statement: 30 % from a score above 20"}}}}}

var hit6 = Instrument{ID: "hit6", Name: "HIT-6", Version: "1", About: "disability", Recall: "4 weeks", Rights: Totals,
	Notice: "HIT-6 is licensed by QualityMetric. Numbers only; the form itself needs the clinic's licence.",
	Items: each(numbered(6, 6, 13, Choice{Code: "never", Score: 6}, Choice{Code: "rarely", Score: 8}, Choice{Code: "sometimes", Score: 10},
		Choice{Code: "very_often", Score: 11}, Choice{Code: "always", Score: 13}), func(i *Item) { i.Values = []float64{6, 8, 10, 11, 13} }),
	Scales: []Scale{{ID: "total", Metric: "HIT6", Items: span(1, 6), Reckon: Sum, Min: 36, Max: 78, Whole: true,
		Bands:  []Band{{36, "little_or_none"}, {50, "some"}, {56, "substantial"}, {60, "severe"}},
		Source: "HIT-6 user guide: 49 or less, 50 to 55, 56 to 59, 60 or more",
		Worth: []Worth{{Size: 2.5, Source: "within a person, by mean change (Smelt 2014)"},
			{Size: 6, Source: "within a person, by ROC (Smelt 2014); chronic migraine (Houts 2020)"}}}}}

func each(items []Item, set func(*Item)) []Item {
	for i := range items {
		set(&items[i])
	}
	return items
}

var msq = Instrument{ID: "msq", Name: "MSQ", Version: "2.1", About: "quality_of_life", Recall: "4 weeks", Rights: Totals,
	Notice: "MSQ v2.1 is licensed. Numbers only. Totals are entered as scores from 0 to 100, not as sums.",
	Items:  numbered(14, 1, 6),
	Scales: []Scale{
		msqScale("rr", "MSQ_RR", 1, 7, 5),
		msqScale("rp", "MSQ_RP", 8, 11, 5, 7.9),
		msqScale("ef", "MSQ_EF", 12, 14, 8, 10.6),
	}}

func msqScale(id, metric string, from, to int, worth ...float64) Scale {
	s := Scale{ID: id, Metric: metric, Items: span(from, to), Reckon: Stretch, Mirror: 7, Max: 100, HighGood: true, Bands: []Band{},
		Source: "MSQ v2.1: answers turned round, put on 0 to 100"}
	for _, size := range worth {
		s.Worth = append(s.Worth, Worth{Size: size, Source: "one person (Cole 2009)"})
	}
	return s
}

var promisWorth = []Worth{{Size: 2, Source: "lower end of 2 to 6 T (PROMIS literature)"}, {Size: 6, Source: "upper end of 2 to 6 T (PROMIS literature)"}}

var symptomBands = []Band{{10, "within_normal"}, {55, "mild"}, {60, "moderate"}, {70, "severe"}}

// promis: T-scores, entered. Mean 50, standard deviation 10.
var promis = []Instrument{
	promisOf("promis_pain_interference", "PROMIS Pain Interference", "disability", tScale("total", "PROMIS_PAIN", false)),
	promisOf("promis_sleep", "PROMIS Sleep Disturbance", "sleep", tScale("total", "PROMIS_SLEEP", false)),
	promisOf("promis_global", "PROMIS Global Health", "quality_of_life", tScale("physical", "PROMIS_PHYSICAL", true), tScale("mental", "PROMIS_MENTAL", true)),
}

func promisOf(id, name, about string, scales ...Scale) Instrument {
	return Instrument{ID: id, Name: name, Version: "1", About: about, Recall: "7 days", Rights: Totals, Items: []Item{}, Scales: scales,
		Notice: "PROMIS: free in English and Spanish for individual clinical use; integration needs permission. T-scores are entered."}
}

func tScale(id, metric string, good bool) Scale {
	s := Scale{ID: id, Metric: metric, Reckon: Entered, Min: 10, Max: 90, HighGood: good, Bands: symptomBands, Worth: promisWorth, Source: "T-score, mean 50, standard deviation 10"}
	if good {
		s.Bands = []Band{}
	}
	return s
}

var ndi = Instrument{ID: "ndi", Name: "NDI", Version: "1", About: "neck_function", Recall: "today", Rights: Totals,
	Notice: "Neck Disability Index, © Howard Vernon. Numbers only.",
	Items:  numbered(10, 0, 5),
	Scales: []Scale{{ID: "total", Metric: "NDI", Items: span(1, 10), Reckon: Sum, Missing: 2, Max: 50, Percent: 50,
		Bands:  []Band{{0, "none"}, {5, "mild"}, {15, "moderate"}, {25, "severe"}, {35, "complete"}},
		Source: "Vernon: 0–4, 5–14, 15–24, 25–34, 35 or more of 50; up to two items may be missing",
		// the author's own 5 lies within the error that others measured
		Worth: []Worth{{Size: 10, Noise: true, Source: "MDC 10.2, MCID 7.5 of 50; use 10 (Young 2009)"}}}}}

var asc12 = Instrument{ID: "asc12", Name: "ASC-12", Version: "1", About: "sensitivity", Recall: "during the worst headaches", Rights: Numbers,
	Notice: "Allodynia Symptom Checklist (Lipton 2008), published in a journal without a licence statement. Items by number.",
	Items: numbered(12, 0, 2, Choice{Code: "does_not_apply", Score: 0}, Choice{Code: "never", Score: 0}, Choice{Code: "rarely", Score: 0},
		Choice{Code: "less_than_half", Score: 1}, Choice{Code: "half_or_more", Score: 2}),
	Scales: []Scale{{ID: "total", Metric: "ASC12", Items: span(1, 12), Reckon: Sum, Max: 24, Whole: true,
		Bands: []Band{{0, "none"}, {3, "mild"}, {6, "moderate"}, {9, "severe"}}, Source: "Lipton 2008: 0–2, 3–5, 6–8, 9 or more"}}}

var csi = Instrument{ID: "csi", Name: "CSI part A", Version: "1", About: "sensitivity", Recall: "in general", Rights: Totals,
	Notice: "Central Sensitization Inventory, © the authors. Symptoms associated with central sensitization; no proof of it.",
	Items:  numbered(25, 0, 4),
	Scales: []Scale{{ID: "total", Metric: "CSI", Items: span(1, 25), Reckon: Sum, Max: 100, Whole: true,
		Bands:  []Band{{0, "subclinical"}, {30, "mild"}, {40, "moderate"}, {50, "severe"}, {60, "extreme"}},
		Source: "Neblett 2017: 0–29, 30–39, 40–49, 50–59, 60–100; 40 is the classic cut"}}}

// The TMD pain screener (Gonzalez 2011): the short form asks q1, q2 and the first of the four activities.
var (
	tmdFirst  = Item{ID: "q1", Max: 2, Choices: []Choice{{Code: "a", Score: 0}, {Code: "b", Score: 1}, {Code: "c", Score: 2}}}
	tmdShort  = tmdScreener("tmd_short", "TMD pain screener, short", "TMD_SHORT", 2, "q2", "q3a")
	tmdLong   = tmdScreener("tmd_long", "TMD pain screener, long", "TMD_LONG", 3, "q2", "q3a", "q3b", "q3c", "q3d")
	tmdNotice = "DC/TMD consortium; free use is reported, its terms were not checked. Items by number."
)

func tmdScreener(id, name, metric string, cut float64, rest ...string) Instrument {
	items, ids := []Item{tmdFirst}, []string{"q1"}
	for _, q := range rest {
		items = append(items, Item{ID: q, Max: 1, Choices: []Choice{{Code: "no", Score: 0}, {Code: "yes", Score: 1}}})
		ids = append(ids, q)
	}
	return Instrument{ID: id, Name: name, Version: "1", About: "jaw", Recall: "30 days", Rights: Numbers, Notice: tmdNotice, Items: items,
		Scales: []Scale{{ID: "total", Metric: metric, Items: ids, Reckon: Sum, Max: float64(2 + len(rest)), Whole: true,
			Bands: []Band{{0, "negative"}, {cut, "positive"}}, Source: "Gonzalez 2011; a screen, no diagnosis"}}}
}

var psfs = Instrument{ID: "psfs", Name: "PSFS", Version: "1", About: "activity", Recall: "today", Rights: Ships, Words: true,
	Notice: "The idea is the Patient-Specific Functional Scale; the words here are our own.",
	Asks:   "Name three to five things that are hard for you because of migraine or your neck. How well can you do each one today?",
	Items:  activities(),
	Scales: []Scale{{ID: "mean", Metric: "PSFS", Items: []string{"a1", "a2", "a3", "a4", "a5"}, Reckon: Mean, Missing: 2, Least: 3, Max: 10, HighGood: true,
		Bands: []Band{}, Source: "mean of three to five activities, 0 cannot do it, 10 as well as ever",
		Worth: []Worth{{Size: 2, Noise: true, Source: "MDC of the mean 2; neck pain MDC 2.1, MCID 2.0"}}}}}

func activities() []Item {
	out := make([]Item, 5)
	for i := range out {
		out[i] = Item{ID: fmt.Sprint("a", i+1), Max: 10, Optional: i > 2, Choices: []Choice{{Code: "cannot", Score: 0, Text: "I cannot do it"},
			{Code: "as_before", Score: 10, Text: "I can do it as well as ever"}}}
	}
	return out
}

var groc = Instrument{ID: "groc", Name: "Global rating of change", Version: "1", About: "change", Recall: "since the start", Rights: Ships,
	Notice: "A generic rating; the words are our own.",
	Asks:   "Think back to the day when treatment began. How are you now?",
	Items: []Item{{ID: "q1", Min: -7, Max: 7, Choices: []Choice{{"much_worse", -7, "very much worse"}, {"worse", -4, "clearly worse"},
		{"same", 0, "the same"}, {"better", 4, "clearly better"}, {"much_better", 7, "very much better"}}}},
	Scales: []Scale{{ID: "total", Metric: "GROC", Items: []string{"q1"}, Reckon: Sum, Min: -7, Max: 7, Whole: true, HighGood: true, Rated: true,
		Bands: []Band{{-7, "large_worse"}, {-5, "moderate_worse"}, {-3, "small_worse"}, {0, "same"}, {1, "small_better"}, {4, "moderate_better"}, {6, "large_better"}},
		Worth: []Worth{{Size: 4, Source: "a rating of 4 or more"}}, Source: "±1 to 3 small, ±4 to 5 moderate, ±6 to 7 large"}}}

var howOften = []Choice{{"not_at_all", 0, "not at all"}, {"several_days", 1, "several days"}, {"more_than_half", 2, "more than half the days"}, {"nearly_every_day", 3, "nearly every day"}}

// phq4 ships with the holder's notice: no permission required to reproduce, translate, display or distribute.
var phq4 = Instrument{ID: "phq4", Name: "PHQ-4", Version: "1", About: "mood", Recall: "2 weeks", Rights: Ships,
	Notice: "Developed by Drs. Robert L. Spitzer, Janet B.W. Williams, Kurt Kroenke and colleagues, with an educational grant from Pfizer Inc. No permission required to reproduce, translate, display or distribute.",
	Asks:   "Over the last 2 weeks, how often have you been bothered by the following problems?",
	Items: []Item{
		{ID: "q1", Max: 3, Choices: howOften, Text: "Feeling nervous, anxious or on edge"},
		{ID: "q2", Max: 3, Choices: howOften, Text: "Not being able to stop or control worrying"},
		{ID: "q3", Max: 3, Choices: howOften, Text: "Little interest or pleasure in doing things"},
		{ID: "q4", Max: 3, Choices: howOften, Text: "Feeling down, depressed, or hopeless"},
	},
	Scales: []Scale{
		{ID: "total", Metric: "PHQ4", Items: span(1, 4), Reckon: Sum, Max: 12, Whole: true,
			Bands: []Band{{0, "none"}, {3, "mild"}, {6, "moderate"}, {9, "severe"}}, Source: "Kroenke 2009: 0–2, 3–5, 6–8, 9–12"},
		phqPart("anxiety", "PHQ4_ANXIETY", 1), phqPart("depression", "PHQ4_DEPRESSION", 3),
	}}

func phqPart(id, metric string, first int) Scale {
	return Scale{ID: id, Metric: metric, Items: span(first, first+1), Reckon: Sum, Max: 6, Whole: true,
		Bands: []Band{{0, "negative"}, {3, "positive"}}, Source: "Kroenke 2009: 3 or more; a screen, no diagnosis"}
}

// Distress is a PHQ-4 at which somebody looks on the same day (spec §7.1: 9 or more).
func Distress(r Result) bool {
	s, ok := r.Of("total")
	return r.Instrument == phq4.ID && ok && s.Value != nil && *s.Value >= 9
}

var isi = Instrument{ID: "isi", Name: "ISI", Version: "1", About: "sleep", Recall: "2 weeks", Rights: Totals, Notice: "Insomnia Severity Index, © Charles Morin. Numbers only.",
	Items: numbered(7, 0, 4),
	Scales: []Scale{{ID: "total", Metric: "ISI", Items: span(1, 7), Reckon: Sum, Max: 28, Whole: true,
		Bands:  []Band{{0, "none"}, {8, "subthreshold"}, {15, "moderate"}, {22, "severe"}},
		Source: "Morin: 0–7, 8–14, 15–21, 22–28", Worth: []Worth{{Size: 8.4, Source: "moderate improvement (Morin 2011)"}}}}}

var psqi = Instrument{ID: "psqi", Name: "PSQI", Version: "1", About: "sleep", Recall: "1 month", Rights: Totals,
	Notice: "Pittsburgh Sleep Quality Index: free for non-commercial research and education only; no changes, no redistribution. Totals only.",
	Items:  []Item{},
	Scales: []Scale{{ID: "total", Metric: "PSQI", Reckon: Entered, Max: 21, Whole: true, Bands: []Band{{0, "good"}, {6, "poor"}},
		Source: "global score of seven components 0 to 3; above 5 is poor sleep", Worth: []Worth{{Size: 3, Source: "3 points"}}}}}

// mtoq: the Migraine Treatment Optimization Questionnaire, with four or six questions; its total, entered. The largest totals
// are from memory [M]: 4 × 2 and 6 × 4.
var mtoq = []Instrument{mtoqOf("mtoq4", "mTOQ-4", "MTOQ4", 8), mtoqOf("mtoq6", "mTOQ-6", "MTOQ6", 24)}

func mtoqOf(id, name, metric string, max float64) Instrument {
	return Instrument{ID: id, Name: name, Version: "1", About: "medication", Recall: "4 weeks", Rights: Totals, Items: []Item{},
		Notice: "Migraine Treatment Optimization Questionnaire. The total is entered.",
		Scales: []Scale{{ID: "total", Metric: metric, Reckon: Entered, Max: max, Whole: true, HighGood: true, Bands: []Band{}, Source: "total"}}}
}
