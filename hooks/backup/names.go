package backup

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Copy is one part as it lies in the store. The name tells all of it, so that nothing but the store is needed to find
// what can be put back: 20261123T040000.000Z/00012-20261123T050000.000Z.age is part 12 of the chain of four o'clock.
type Copy struct {
	Chain string // when its first part was taken
	N     int
	At    time.Time
}

const (
	stamp  = "20060102T150405.000Z"
	suffix = ".age"
)

// ChainOf names the chain that begins at a moment.
func ChainOf(at time.Time) string { return at.UTC().Format(stamp) }

// Name is where the part lies in the store.
func (c Copy) Name() string {
	return fmt.Sprintf("%s/%05d-%s%s", c.Chain, c.N, c.At.UTC().Format(stamp), suffix)
}

// Parse reads a name; ok is false for anything that is not a part.
func Parse(name string) (c Copy, ok bool) {
	chain, file, _ := strings.Cut(name, "/")
	file, isPart := strings.CutSuffix(file, suffix)
	n, at, _ := strings.Cut(file, "-")
	_, badChain := time.Parse(stamp, chain)
	number, badNumber := strconv.Atoi(n)
	when, badTime := time.Parse(stamp, at)
	if !isPart || badChain != nil || badNumber != nil || badTime != nil {
		return Copy{}, false
	}
	c = Copy{Chain: chain, N: number, At: when}
	return c, c.Name() == name
}

// Sort puts copies in the order of time: chain after chain.
func Sort(copies []Copy) {
	slices.SortFunc(copies, func(a, b Copy) int { return cmp.Or(cmp.Compare(a.Chain, b.Chain), cmp.Compare(a.N, b.N)) })
}

// Chains groups sorted copies, oldest chain first. Of each, only the parts are given that can be put back: from the
// first part on, without a gap.
func Chains(copies []Copy) (out [][]Copy) {
	Sort(copies)
	for _, c := range copies {
		last := len(out) - 1
		switch {
		case c.N == 0:
			out = append(out, []Copy{c})
		case last >= 0 && out[last][0].Chain == c.Chain && len(out[last]) == c.N:
			out[last] = append(out[last], c)
		}
	}
	return out
}

// Choose gives the parts that bring the database to how it was at a moment; the zero time is the newest. None are given when
// nothing is as old as that.
func Choose(copies []Copy, at time.Time) (parts []Copy) {
	for _, chain := range Chains(copies) {
		upTo := len(chain)
		if !at.IsZero() {
			upTo = slices.IndexFunc(chain, func(c Copy) bool { return c.At.After(at) })
		}
		if upTo < 0 {
			upTo = len(chain)
		}
		if upTo > 0 {
			parts = chain[:upTo] // a later chain that has begun by then is nearer
		}
	}
	return parts
}

// Keep is how long copies stay: every part for Fine; then one database a day, for Days.
type Keep struct{ Fine, Days time.Duration }

// Expired are the copies that can go. The newest chain always stays.
func Expired(copies []Copy, keep Keep, now time.Time) (gone []Copy) {
	Sort(copies)
	newest := ""
	if n := len(copies); n > 0 {
		newest = copies[n-1].Chain
	}
	last := map[string]time.Time{} // of each chain
	final := map[string]string{}   // the last chain begun on a day
	for _, c := range copies {
		last[c.Chain] = c.At
		final[c.Chain[:len("20060102")]] = c.Chain
	}
	for _, c := range copies {
		age := now.Sub(last[c.Chain])
		onlyOfItsDay := final[c.Chain[:len("20060102")]] == c.Chain
		if c.Chain != newest && (age > keep.Days || age > keep.Fine && (c.N > 0 || !onlyOfItsDay)) {
			gone = append(gone, c)
		}
	}
	slices.Reverse(gone) // a chain loses its last part first, and can be put back at each step
	return gone
}
