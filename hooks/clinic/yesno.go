package clinic

import "fmt"

// YesNo is an answer that may be missing. In JSON: null, true, false.
type YesNo uint8

const (
	Unknown YesNo = iota // not asked, not said
	Yes
	No
)

// Said turns a plain yes or no into an answer.
func Said(yes bool) YesNo {
	if yes {
		return Yes
	}
	return No
}

// Known says whether there is an answer at all.
func (a YesNo) Known() bool { return a == Yes || a == No }

// Not turns the answer round; the opposite of unknown is unknown.
func (a YesNo) Not() YesNo {
	switch a {
	case Yes:
		return No
	case No:
		return Yes
	}
	return Unknown
}

// And is No as soon as one side is No, Yes when both are, and otherwise unknown: a missing answer stays missing
// only while it could still change the result.
func (a YesNo) And(b YesNo) YesNo {
	if a == No || b == No {
		return No
	}
	if a == Yes && b == Yes {
		return Yes
	}
	return Unknown
}

// Or is Yes as soon as one side is Yes, No when both are, and otherwise unknown.
func (a YesNo) Or(b YesNo) YesNo { return a.Not().And(b.Not()).Not() }

func (a YesNo) String() string {
	switch a {
	case Yes:
		return "yes"
	case No:
		return "no"
	}
	return "unknown"
}

func (a YesNo) MarshalJSON() ([]byte, error) {
	switch a {
	case Yes:
		return []byte("true"), nil
	case No:
		return []byte("false"), nil
	}
	return []byte("null"), nil
}

func (a *YesNo) UnmarshalJSON(data []byte) error {
	switch string(data) {
	case "true":
		*a = Yes
	case "false":
		*a = No
	case "null":
		*a = Unknown
	default:
		return fmt.Errorf("neither null, true nor false: %.40s", data)
	}
	return nil
}
