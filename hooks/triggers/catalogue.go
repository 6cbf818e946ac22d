package triggers

// Entry is one factor of the catalogue. All that decides about its analysis is fixed here, before any result (§4.3).
type Entry struct {
	Code         string  `json:"code"`
	Name         string  `json:"name"`
	Kind         Kind    `json:"kind"`
	Unit         string  `json:"unit"`
	Least        float64 `json:"least"` // of a number: what it can be
	Most         float64 `json:"most"`
	Lag          int     `json:"lag"`              // 0: over before the day begins
	Cut          *Cut    `json:"cut"`              // null: asked as yes or no
	Prodrome     bool    `json:"prodromePossible"` // §4.6: never called a trigger
	Controllable bool    `json:"controllable"`     // something one can do, or leave
	Food         bool    `json:"food"`
	Testable     bool    `json:"plannedTest"` // safe to do and to leave on days that the server draws
	Answer       string  `json:"answer"`      // the answer of the daily check-in it reads; "" = asked by itself
}

// Menstrual is the factor that no row of `triggers` may hold: it follows from the days of bleeding, which have a consent
// of their own.
const Menstrual = "menstrual_window"

// Catalogue in the order in which it is offered. Sleep loss, fasting, thirst, drugs and alcohol are never tested on purpose.
var Catalogue = []Entry{
	{Code: "sleep_short", Name: "Less than 6 hours of sleep", Kind: Number, Unit: "h", Most: 24, Cut: &Cut{Below, 6}, Controllable: true, Answer: "sleep_hours"},
	{Code: "sleep_long", Name: "More than 9 hours of sleep", Kind: Number, Unit: "h", Most: 24, Cut: &Cut{Above, 9}, Controllable: true, Answer: "sleep_hours"},
	{Code: "sleep_poor", Name: "A bad night", Kind: Number, Unit: "0-10", Most: 10, Cut: &Cut{Below, 5}, Answer: "sleep_quality"},
	{Code: "stress", Name: "More stress than your usual", Kind: Number, Unit: "0-10", Most: 10, Lag: 1, Cut: &Cut{Rule: Median}, Answer: "stress"},
	{Code: "exercise", Name: "More exercise than your usual", Kind: Number, Unit: "min", Most: 1440, Lag: 1, Cut: &Cut{Rule: Median}, Controllable: true, Testable: true, Answer: "exercise_minutes"},
	{Code: "meals_skipped", Name: "A skipped meal", Kind: Number, Unit: "meals", Most: 100, Lag: 1, Cut: &Cut{AtLeast, 1}, Prodrome: true, Controllable: true, Answer: "meals_skipped"},
	{Code: "water", Name: "More water than your usual", Kind: Number, Unit: "glasses", Most: 100, Lag: 1, Cut: &Cut{Rule: Median}, Controllable: true, Answer: "water_glasses"},
	{Code: "caffeine", Name: "More coffee, tea or cola than your usual", Kind: Number, Unit: "cups", Most: 50, Lag: 1, Cut: &Cut{Rule: Median}, Controllable: true, Answer: "caffeine_servings"},
	{Code: "alcohol", Name: "Alcohol", Kind: Number, Unit: "units", Most: 100, Lag: 1, Cut: &Cut{AtLeast, 1}, Controllable: true, Answer: "alcohol_units"},

	food("chocolate", "Chocolate", true),
	food("cheese_aged", "Aged cheese", false),
	food("processed_meat", "Cured or processed meat", false),
	food("citrus", "Citrus fruit", false),
	food("nuts", "Nuts", false),
	food("glutamate", "Food with glutamate", false),
	food("sweetener", "Artificial sweetener", false),

	habit("screen_time", "A long time at a screen"),
	habit("posture_long", "A long time in one posture"),
	habit("jaw_clenching", "Clenched teeth or chewed gum"),
	{Code: "travel", Name: "Travel", Kind: YesNo, Lag: 1},
	{Code: "heat", Name: "Heat", Kind: YesNo, Lag: 1},

	{Code: "neck_pain", Name: "Neck pain", Kind: Number, Unit: "0-10", Most: 10, Lag: 1, Cut: &Cut{AtLeast, 1}, Prodrome: true, Answer: "neck_pain_nrs"},
	sign("neck_stiffness", "A stiff neck"),
	sign("food_craving", "Craving for food"),
	sign("yawning", "Much yawning"),
	sign("fatigue", "Being very tired"),
	sign("mood_change", "A change of mood"),
	sign("poor_concentration", "Trouble to concentrate"),
	sign("light_sensitivity", "Bright light, or light that bothered"),
	sign("sound_sensitivity", "Noise, or sound that bothered"),
	sign("smell_sensitivity", "Strong smells, or smells that bothered"),
	sign("thirst", "Being very thirsty"),
	sign("urination", "Passing water often"),
	sign("nausea", "Feeling sick"),

	weather("weather_pressure", "Air pressure above your usual", "hPa", 800, 1100),
	weather("weather_pressure_change", "Air pressure on the rise", "hPa", -100, 100),
	weather("weather_temperature", "Warmer than your usual", "°C", -60, 60),

	{Code: Menstrual, Name: "The days around the start of the period", Kind: YesNo},
}

func food(code, name string, prodrome bool) Entry {
	return Entry{Code: code, Name: name, Kind: YesNo, Lag: 1, Prodrome: prodrome, Controllable: true, Food: true, Testable: true}
}

func habit(code, name string) Entry {
	return Entry{Code: code, Name: name, Kind: YesNo, Lag: 1, Controllable: true, Testable: true}
}

func sign(code, name string) Entry {
	return Entry{Code: code, Name: name, Kind: YesNo, Lag: 1, Prodrome: true}
}

// weather is measured at midnight, when the day begins.
func weather(code, name, unit string, least, most float64) Entry {
	return Entry{Code: code, Name: name, Kind: Number, Unit: unit, Least: least, Most: most, Cut: &Cut{Rule: Median}}
}

var byCode = func() map[string]Entry {
	m := make(map[string]Entry, len(Catalogue))
	for _, e := range Catalogue {
		m[e.Code] = e
	}
	return m
}()

// InCatalogue looks a code up.
func InCatalogue(code string) (Entry, bool) {
	e, ok := byCode[code]
	return e, ok
}
