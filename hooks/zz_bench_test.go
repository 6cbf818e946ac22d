package hooks_test

import (
	"fmt"
	"testing"

	"github.com/pocketbase/pocketbase/core"
	"interictal/hooks/hookstest"
)

func BenchmarkCaseloadPage(b *testing.B) {
	for _, k := range []int{10, 40, 150, 600} {
		h := hookstest.New(b)
		check(b, h.App.RunInTransaction(func(tx core.App) error {
			for i := range k {
				id := fmt.Sprintf("patientofthe%05d", i)
				runSQL(b, tx, "INSERT INTO patients(id, clinic, name, timezone) VALUES('"+id+"', '"+hookstest.ID("north")+"', 'P', 'Europe/Berlin')")
				runSQL(b, tx, "INSERT INTO consents(id, patient, family, state) VALUES('c"+id+"', '"+id+"', 'diary', 'given')")
				runSQL(b, tx, "INSERT INTO care_links(id, patient, member, role) VALUES('link"+id[4:]+"', '"+id+"', '"+hookstest.ID("thera")+"', 'therapist')")
				for j := range 100 {
					runSQL(b, tx, fmt.Sprintf("INSERT INTO attacks(id, patient, started_at) VALUES('att%05dx%08d', '%s', '2026-01-01 00:00:00.000Z')", i, j, id))
				}
			}
			return nil
		}))
		p := staffPhone(h, "thera")
		b.Run(fmt.Sprint("first ", k), func(b *testing.B) {
			for b.Loop() {
				p.Send(500)
			}
		})
		p.Sync()
		b.Run(fmt.Sprint("nothing ", k), func(b *testing.B) {
			for b.Loop() {
				p.Send(500)
			}
		})
		save(b, h.App, "attacks", oneAttack, map[string]any{"patient": annas, "started_at": "2026-01-20 10:00:00.000Z"})
		b.Run(fmt.Sprint("one ", k), func(b *testing.B) {
			for b.Loop() {
				p.Send(500)
			}
		})
	}
}
