// Package migrations is the schema, in small typed functions with the access rule
// beside the fields. The file name of a migration is its identity and its
// order; an applied file never changes.
package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"

	"interictal/hooks/access"
)

const (
	dayPattern = `^\d{4}-\d{2}-\d{2}$`
	idPattern  = `^[a-z0-9]+$`
)

// collection starts a base collection whose ids are made on the device: 15 to
// 36 lower-case characters. Any other pattern costs a full scan per insert.
func collection(name string, fields ...core.Field) *core.Collection {
	c := core.NewBaseCollection(name)
	if id, ok := c.Fields.GetByName("id").(*core.TextField); ok {
		id.Min, id.Max, id.Pattern = 15, 36, idPattern
		id.Help = "Made on the device that wrote the entry, so a row has its final name before it meets the server."
	}
	c.Fields.Add(fields...)
	c.Fields.Add( // when the server stored the row; they order nothing, the journal does
		&core.AutodateField{Name: "created", OnCreate: true},
		&core.AutodateField{Name: "updated", OnCreate: true, OnUpdate: true},
	)
	return c
}

// ruled puts the rights table's rules on a collection that belongs to a patient.
func ruled(c *core.Collection) *core.Collection {
	see, write := access.SeeRule(c.Name), access.WriteRule(c.Name)
	if policy, _ := access.Of(c.Name); policy.ByRow == "" || c.Fields.GetByName(policy.ByRow) != nil { // closed until the column is there
		c.ListRule, c.ViewRule = types.Pointer(see), types.Pointer(see)
	}
	if write != "" {
		c.CreateRule, c.UpdateRule = types.Pointer(write), types.Pointer(write)
	}
	return c
}

// erasable lets those who may write a row also take it back.
func erasable(c *core.Collection) *core.Collection {
	c.DeleteRule = c.UpdateRule
	return c
}

func text(name string, max int, help string) *core.TextField {
	return &core.TextField{Name: name, Max: max, Help: help}
}

func required(f *core.TextField) *core.TextField { f.Required = true; return f }

func day(name, help string) *core.TextField {
	return &core.TextField{Name: name, Max: 10, Pattern: dayPattern, Help: help + " A calendar day, yyyy-mm-dd."}
}

func instant(name, help string) *core.DateField { return &core.DateField{Name: name, Help: help} }

func requiredInstant(name, help string) *core.DateField {
	return &core.DateField{Name: name, Required: true, Help: help}
}

func oneOf(name, help string, values ...string) *core.SelectField {
	return &core.SelectField{Name: name, Values: values, MaxSelect: 1, Help: help}
}

func requiredOneOf(name, help string, values ...string) *core.SelectField {
	return &core.SelectField{Name: name, Values: values, MaxSelect: 1, Required: true, Help: help}
}

// maybe holds a number or a yes/no that may be unknown. PocketBase's number and bool
// fields cannot: they store 0 and false for "not said", and missing is not zero.
// The room hooks/entry holds the range.
func maybe(name, help string) *core.JSONField {
	return &core.JSONField{Name: name, MaxSize: 64, Help: help + " null = not said."}
}

func flag(name, help string) *core.BoolField { return &core.BoolField{Name: name, Help: help} }

func count(name string, min, max float64, help string) *core.NumberField {
	return &core.NumberField{Name: name, OnlyInt: true, Min: types.Pointer(min), Max: types.Pointer(max), Help: help}
}

// to is a relation that keeps its target alive: people and care records are
// ended, never deleted from under their rows.
func to(name string, target *core.Collection, help string) *core.RelationField {
	return &core.RelationField{Name: name, CollectionId: target.Id, MaxSelect: 1, Required: true, Help: help}
}

// mayRefer is an optional relation.
func mayRefer(name string, target *core.Collection, help string) *core.RelationField {
	return &core.RelationField{Name: name, CollectionId: target.Id, MaxSelect: 1, Help: help}
}

// partOf is a relation whose rows go with their owner.
func partOf(name string, target *core.Collection, help string) *core.RelationField {
	return &core.RelationField{Name: name, CollectionId: target.Id, MaxSelect: 1, Required: true, CascadeDelete: true, Help: help}
}

// written are the fields of every entry a person makes: when, where the clock stood, and how.
func written() []core.Field {
	return []core.Field{
		instant("entered_at", "When the person made the entry, by the phone's clock."),
		maybe("entered_offset", "Minutes east of UTC where the entry was made."),
		oneOf("source", "How the entry came: the patient's phone, an import, or the clinic on the patient's word.", "phone", "import", "clinic"),
	}
}

func save(app core.App, collections ...*core.Collection) error {
	for _, c := range collections {
		if err := app.Save(c); err != nil {
			return err
		}
	}
	return nil
}
