package safety

import (
	_ "embed"
	"encoding/json"
	"slices"
	"strings"

	"interictal/hooks/clinic"
)

// Devices, cold and compression (§7.4). Preset data are those of a label's version and hold once a clinician has confirmed
// them against the label as it is now. devices.json is read by the phone too.

//go:embed devices.json
var deviceTable []byte

// Presets are what labels say, and the limits of cold.
type Presets struct {
	Version string   `json:"version"`
	Cold    Cold     `json:"cold"`
	Targets []Target `json:"targets"`
}

// Target is a kind of device by the nerve it stimulates.
type Target struct {
	Target     string   `json:"target"`
	Type       string   `json:"type"`
	Label      string   `json:"label"` // version of the preset's label; "": the clinician names it
	Ages       int      `json:"ages"`  // from this age
	Rx         bool     `json:"rx"`
	Acute      int      `json:"acute"` // minutes
	Preventive int      `json:"preventive"`
	Every      int      `json:"every"` // days, preventive
	Never      []string `json:"never"` // a yes ends it
	Ask        []string `json:"ask"`   // a yes is for the clinician to weigh
}

// Cold is how long, and when not.
type Cold struct {
	From     int      `json:"from"`
	To       int      `json:"to"`
	Cautions []string `json:"cautions"`
}

// Labels is the table in force.
var Labels = func() (p Presets) {
	if err := json.Unmarshal(deviceTable, &p); err != nil {
		panic("hooks/safety/devices.json: " + err.Error()) // it is part of the program
	}
	return p
}()

// Device is one that a person has.
type Device struct {
	Target    string
	Screening map[string]clinic.YesNo
	Age       *int
	Label     string // the label's version that a clinician has confirmed, with what was answered; "": none
}

func targetOf(name string) Target {
	i := slices.IndexFunc(Labels.Targets, func(t Target) bool { return t.Target == name })
	if i < 0 {
		i = len(Labels.Targets) - 1 // a target without a preset asks what any current asks
	}
	return Labels.Targets[i]
}

// Questions that are asked before a device is used.
func (t Target) Questions() []string { return slices.Concat(t.Never, t.Ask) }

// GateDevice says what stands before the first guided session.
func GateDevice(d Device) []clinic.Broken {
	t := targetOf(d.Target)
	var found, missing []string
	for _, q := range t.Questions() {
		switch {
		case !d.Screening[q].Known():
			missing = append(missing, q)
		case d.Screening[q] == clinic.Yes && (slices.Contains(t.Never, q) || d.Label == ""):
			found = append(found, q)
		}
	}
	if d.Age == nil {
		missing = append(missing, "age")
	} else if *d.Age < t.Ages {
		found = append(found, "age")
	}
	if d.Label == "" || t.Label != "" && d.Label != t.Label {
		missing = append(missing, "label")
	}
	if len(found)+len(missing) == 0 {
		return nil
	}
	b := hard("E_DEVICE_SCREEN", "This device is not ready to be used here yet: ask your therapist.", "found", found)
	b.Params["missing"] = missing
	return []clinic.Broken{b}
}

// GateSite: no current over the front of the neck, where the carotid sinus lies; no pressure but on the head.
func GateSite(electrical, compression bool, site string) []clinic.Broken {
	switch {
	case electrical && FrontOfNeck(site):
		return []clinic.Broken{hard("E_MODALITY_SITE", "No current over the front of the neck.", "site", site)}
	case compression && !head(site):
		return []clinic.Broken{hard("E_MODALITY_SITE", "Pressure only on the head, never around the neck.", "site", site)}
	}
	return nil
}

// FrontOfNeck reads a site as a region code, or as somebody has written it. The sternocleidomastoid and the scalenes lie
// over the carotid, so they are the front of the neck too. [D]
func FrontOfNeck(site string) bool {
	s := strings.ToLower(strings.ReplaceAll(strings.TrimSpace(site), "_", " "))
	if s == "scm" || s == "scalenes" || strings.Contains(s, "carotid") || strings.Contains(s, "throat") || strings.Contains(s, "sternocleido") {
		return true
	}
	front := strings.Contains(s, "anterior") || strings.Contains(s, "front")
	return front && (strings.Contains(s, "neck") || strings.Contains(s, "cervical"))
}

// HeadSites are the places where a cold cap may press.
var HeadSites = []string{"head", "forehead", "temples", "crown", "back_of_head"}

func head(site string) bool { return slices.Contains(HeadSites, site) }

// KnownOfCold puts what a clinician has noted and what the person has said together: a yes of either holds, a no only where
// nobody says yes.
func KnownOfCold(noted, said map[string]clinic.YesNo) map[string]clinic.YesNo {
	out := map[string]clinic.YesNo{}
	for _, q := range Labels.Cold.Cautions {
		switch {
		case noted[q] == clinic.Yes || said[q] == clinic.Yes:
			out[q] = clinic.Yes
		case noted[q].Known() || said[q].Known():
			out[q] = clinic.No
		}
	}
	return out
}

// GateCold: what is known of the person speaks against cold.
func GateCold(known map[string]clinic.YesNo) []clinic.Broken {
	var found []string
	for _, q := range Labels.Cold.Cautions {
		if known[q] == clinic.Yes {
			found = append(found, q)
		}
	}
	if len(found) == 0 {
		return nil
	}
	return []clinic.Broken{hard("E_COLD_SCREEN", "Cold is not for this patient.", "found", found)}
}
