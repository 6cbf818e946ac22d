// Package model plays the whole product against a model of what people write: the real app on its real database,
// devices that keep what our own app keeps, a network that loses, repeats and delays, and everything else that
// happens to a clinic's server in ten years.
//
// Every value written is a word of its own that remembers the words it replaced. In the end every word is in
// a row, or was replaced by somebody who had seen it, or is kept in sync_conflicts, or waits on its writer's phone as
// refused; and every device has what the server has.
package model

import (
	"fmt"
	"math/rand/v2"
	"os"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"testing"

	"interictal/hooks/hookstest"
)

const steps = 200

// Run one seed with SEED=17, or so many with SEEDS=5000, from FIRST on. A seed that fails is cut down to the few steps
// that it takes, and told; with WHOLE=1 it is told as it is.
func TestNothingIsLost(t *testing.T) {
	gc := debug.SetGCPercent(400) // many small apps, each thrown away: a third less work
	t.Cleanup(func() { debug.SetGCPercent(gc) })
	first, n := setting("FIRST", 0), setting("SEEDS", 200)
	if one := setting("SEED", -1); one >= 0 {
		first, n = one, 1
	}
	for seed := first; seed < first+n; seed++ {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			all := make([]int, steps)
			for i := range all {
				all[i] = i
			}
			found, trace := play(t, uint64(seed), all)
			if found == "" {
				return
			}
			few := all
			if os.Getenv("WHOLE") == "" {
				few = smallest(all, func(some []int) bool {
					again, _ := play(t, uint64(seed), some)
					return again != "" && kindOf(again) == kindOf(found)
				})
				found, trace = play(t, uint64(seed), few)
			}
			t.Errorf("seed %d, %d of %d steps: %s\n%s", seed, len(few), steps, found, strings.Join(trace, "\n"))
		})
	}
}

func setting(name string, otherwise int) int {
	if n, err := strconv.Atoi(os.Getenv(name)); err == nil {
		return n
	}
	return otherwise
}

// play runs these steps of a seed, each with chance of its own, so that the others stay as they are when one is left
// out. It gives back what the observer found, and what happened.
func play(t testing.TB, seed uint64, steps []int) (found string, trace []string) {
	w := newWorld(t)
	defer w.srv.remove()
	found = w.noticed(func() {
		for _, i := range steps {
			w.Rand = rand.New(rand.NewPCG(seed, uint64(i)))
			w.step()
		}
		w.judge()
	})
	return found, w.trace
}

// noticed gives back the fault that the observer found.
func (w *world) noticed(do func()) (found string) {
	defer func() {
		switch reason := recover().(type) {
		case nil:
		case fault:
			found = string(reason)
		default:
			panic(fmt.Sprint(reason, "\n", strings.Join(w.trace, "\n")))
		}
	}()
	do()
	return ""
}

// The observer is worth nothing if it does not see what is wrong.
func TestTheObserverNotices(t *testing.T) {
	for _, c := range []struct {
		want  string
		wreck func(*world)
	}{
		{"", func(*world) {}},
		{"is lost", func(w *world) {
			w.exec("DROP TRIGGER sync_medications_update", nil)
			w.exec("UPDATE medications SET name='nobody said this'", nil)
		}},
		{"a new device", func(w *world) { w.devices[0].Rows("medications")[0]["drug_class"] = "opioid" }},
		{"the journal says", func(w *world) { w.exec("UPDATE sync_log SET scope='' WHERE col='medications'", nil) }},
		{"the server has none for it", func(w *world) {
			w.exec("DROP TRIGGER sync_link_end", nil)
			w.exec("UPDATE care_links SET until='2026-02-05 10:00:00.000Z' WHERE until=''", nil)
		}},
		{"it is back", func(w *world) {
			w.takeBack(w.devices[0], formOf("medications"), w.devices[0].Rows("medications")[0])
			w.devices[0].Discard("medications", "medications0"+hookstest.ID("anna"))
		}},
	} {
		t.Run(c.want, func(t *testing.T) {
			w := newWorld(t)
			defer w.srv.remove()
			w.Rand = rand.New(rand.NewPCG(1, 1))
			anna := hookstest.ID("anna")
			w.write(w.devices[0], formOf("medications"), anna, "medications0"+anna, map[string]any{"patient": anna})
			w.settle()
			c.wreck(w)
			if got := w.noticed(w.judge); !strings.Contains(got, c.want) || c.want == "" && got != "" {
				t.Errorf("it says %q", got)
			}
		})
	}
}

// kindOf forgets the names and numbers in a fault: while it is cut down, it must stay the same fault.
func kindOf(found string) string {
	var out []string
	for _, part := range strings.Fields(found) {
		if strings.IndexFunc(part, func(r rune) bool { return r >= '0' && r <= '9' || r == '/' || r == '-' || r == '[' }) < 0 {
			out = append(out, part)
		}
	}
	return strings.Join(out[:min(len(out), 4)], " ")
}

// smallest leaves out whatever is not needed for the failure, in halves, then in smaller parts.
func smallest(all []int, fails func([]int) bool) []int {
	now := all
	for size := len(now) / 2; size > 0; size /= 2 {
		for at := 0; at < len(now); {
			less := slices.Concat(now[:at], now[min(at+size, len(now)):])
			if fails(less) {
				now = less
			} else {
				at += size
			}
		}
	}
	return now
}
