package careplan

import (
	"slices"

	"interictal/hooks/clinic"
)

// Certification of a plan by a physician or other practitioner (R3–R5). Days that did not come are zero.
type Certification struct {
	From    clinic.Day `json:"from"` // recertification: its first day; zero: the initial one
	Signed  clinic.Day `json:"signed"`
	Verbal  clinic.Day `json:"verbal"`
	Ordered clinic.Day `json:"ordered"` // R4: date of the signed order or referral
	Sent    clinic.Day `json:"sent"`    // R4: the plan went to the referrer
}

// Papers are the dates that a body of law asks for (R3–R6). Zero: it asks for none.
type Papers struct {
	CertifyBy        clinic.Day `json:"certifyBy"`        // the initial certification
	CertifiedThrough clinic.Day `json:"certifiedThrough"` // then a recertification
	SinceReport      int        `json:"sinceReport"`      // treatment dates of the episode since its last progress report
	ReportAfter      int        `json:"reportAfter"`
}

// PapersOf a plan.
func PapersOf(p Plan, f Profile) Papers {
	papers := Papers{CertifyBy: CertificationDue(p, f), CertifiedThrough: CertifiedThrough(p, f), ReportAfter: f.Regulation.ReportEvery}
	if papers.ReportAfter > 0 {
		papers.SinceReport = len(sinceReport(p, f))
	}
	return papers
}

// CertificationDue is the last day for the initial certification; zero when the law asks for none, or nobody has
// been treated.
func CertificationDue(p Plan, f Profile) clinic.Day {
	days := careDays(p, f)
	if f.Regulation.CertifyWithin == 0 || len(days) == 0 {
		return 0
	}
	return days[0].Add(f.Regulation.CertifyWithin)
}

// CertifiedThrough is the last day that the certification covers: the planned end, or 90 days with the first, if that
// is sooner. Zero when the law asks for none.
func CertifiedThrough(p Plan, f Profile) clinic.Day {
	days := careDays(p, f)
	if f.Regulation.CertifyFor == 0 || len(days) == 0 {
		return 0
	}
	through := p.certified(f, days[0])
	for _, c := range p.Certifications {
		if c.From.Valid() && c.Signed.Valid() {
			through = max(through, p.certified(f, c.From))
		}
	}
	return through
}

// certified: from a day to the planned end, 90 days at most. A planned end that is past says nothing any more.
func (p Plan) certified(f Profile, from clinic.Day) clinic.Day {
	through := from.Add(f.Regulation.CertifyFor - 1)
	if p.PlannedEnd.Valid() && p.PlannedEnd >= from {
		return min(through, p.PlannedEnd)
	}
	return through
}

// onTime: the initial certification came by its due day, on one of its paths.
func (c Certification) onTime(r Regulation, start, due, today clinic.Day) bool {
	by := func(day clinic.Day) bool { return day.Valid() && day <= due }
	if by(c.Signed) {
		return true
	}
	if by(c.Verbal) {
		last := c.Verbal.Add(r.VerbalHolds)
		return c.Signed.Valid() && c.Signed <= last || !c.Signed.Valid() && today <= last
	}
	return r.OrderFrom.Valid() && start >= r.OrderFrom && c.Ordered.Valid() && by(c.Sent)
}

// certificationFlag is F_CERT_DUE, F_CERT_LATE or "". One that came late stays late.
func certificationFlag(p Plan, f Profile, today clinic.Day) Code {
	due := CertificationDue(p, f)
	if !due.Valid() {
		return ""
	}
	start := due.Add(-f.Regulation.CertifyWithin)
	for _, c := range p.Certifications {
		if !c.From.Valid() && c.onTime(f.Regulation, start, due, today) {
			return ""
		}
	}
	switch {
	case today > due:
		return CertLate
	case today.Sub(start)+1 >= f.Regulation.RemindOnDay:
		return CertDue
	}
	return ""
}

// sinceReport are the treatment dates of the episode after its last progress report (R6). A report covers its own day.
func sinceReport(p Plan, f Profile) []clinic.Day {
	last := lastReport(p)
	days := append(careDays(p, f), p.Earlier...)
	days = slices.DeleteFunc(days, func(day clinic.Day) bool { return day <= last })
	slices.Sort(days)
	return slices.Compact(days)
}

func lastReport(p Plan) clinic.Day {
	last := clinic.Day(0)
	for _, report := range p.Reports {
		last = max(last, report)
	}
	return last
}

// regulationGates are R5–R7 before a visit.
func regulationGates(p Plan, f Profile, o occasion) []clinic.Broken {
	var broken []clinic.Broken
	r := f.Regulation
	if through := CertifiedThrough(p, f); through.Valid() && o.day > through {
		broken = append(broken, breaks(CertExpired, params{"through": through}))
	}
	if r.ReportEvery > 0 && o.care > r.ReportEvery {
		broken = append(broken, breaks(ProgressOverdue, params{"dates": o.care - 1}))
	}
	return append(broken, directAccess(p, f, o)...)
}

// directAccess is R7: so many days and visits without a referral.
func directAccess(p Plan, f Profile, o occasion) []clinic.Broken {
	if p.ReferredOn.Valid() && p.ReferredOn <= o.day {
		return nil
	}
	r, days := f.Regulation, CountedDays(p, f)
	tooLong := r.MaxDays > 0 && len(days) > 0 && o.day.Sub(days[0]) > r.MaxDays
	tooMany := r.MaxVisits > 0 && o.number > r.MaxVisits
	if !tooLong && !tooMany {
		return nil
	}
	return []clinic.Broken{breaks(NoReferral, params{"days": r.MaxDays, "visits": r.MaxVisits})}
}
