package progress_test

import (
	"bufio"
	"os"
	"strconv"
	"strings"
	"testing"

	"interictal/hooks/diary"
	"interictal/hooks/progress"
)

// testdata/check.R computes the spec's vectors, and some beyond it, with R's own functions; check.txt is what it printed.
func TestAgainstR(t *testing.T) {
	file, err := os.Open("testdata/check.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	seen := map[string]int{}
	for lines := bufio.NewScanner(file); lines.Scan(); {
		words := strings.Fields(lines.Text())
		var v []float64
		for _, word := range words[1:] {
			x, err := strconv.ParseFloat(word, 64)
			if err != nil {
				t.Fatal(err)
			}
			v = append(v, x)
		}
		seen[words[0]]++
		t.Run(strings.Join(words, " "), func(t *testing.T) { againstR(t, words[0], v, seen["cohort"]) })
	}
	if seen["ratio"] < 7 || seen["difference"] < 4 || seen["rho"] < 1 || seen["halved"] < 8 || seen["cohort"] < 2 {
		t.Errorf("too little to compare with: %v", seen)
	}
}

func againstR(t *testing.T, what string, v []float64, cohort int) {
	counts := func() (before, now progress.Count, f float64) {
		return progress.Count{Yes: int(v[0]), Days: int(v[1])}, progress.Count{Yes: int(v[2]), Days: int(v[3])}, progress.Rho{Value: diary.Rate(v[4])}.Shrink()
	}
	switch what {
	case "ratio":
		ratio, low, high, p := progress.RateRatio(int(v[0]), v[1], int(v[2]), v[3])
		for i, got := range []float64{ratio, low, high} {
			if want := v[4+i]; got != want { // both may be infinite
				closeTo(t, "ratio", got, want, 1e-9)
			}
		}
		near(t, "p", p, v[7], 1e-11)
	case "difference":
		value, low, high := progress.Difference(counts())
		for i, got := range []float64{value, low, high} {
			near(t, "difference", got, v[5+i], 1e-9)
		}
	case "halved":
		before, now, f := counts()
		near(t, "P", progress.Halved(before, now, f, v[5]), v[6], 1e-9)
	case "rho":
		near(t, "ρ", float64(progress.Autocorrelation(days("0110001110010000110000011000")).Value), v[0], 1e-11)
	case "cohort":
		pairs := pairsOf([][]int{{12, 8, 15, 6, 20, 9, 11, 7, 14, 10, 5, 16}, {2, 18, 25, 6, 20, 3}}[cohort-1],
			[][]int{{9, 7, 9, 5, 19, 4, 10, 3, 12, 6, 5, 10}, {20, 1, 25, 15, 2, 9}}[cohort-1])
		paired, unpaired := progress.Conditional(pairs), progress.NegativeBinomial(pairs)
		near(t, "log RR", paired.LogRatio, v[0], 1e-9)
		closeTo(t, "SE", paired.SE, v[1], 1e-7)
		closeTo(t, "φ", paired.Spread, v[2], 1e-9)
		closeTo(t, "SE of two groups", unpaired.SE, v[3], 1e-7)
		closeTo(t, "θ", unpaired.Spread, v[4], 1e-5)
	}
}
