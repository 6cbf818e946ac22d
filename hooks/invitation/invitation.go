// Package invitation makes and judges sign-in codes.
//
// A therapist hands a patient a code, as text and as a QR picture; it opens the
// patient's diary once, within 72 hours, and needs no mail. The code has 50
// random bits in letters that cannot be mistaken for one another, and only its
// hash is stored.
package invitation

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"strings"
	"time"

	"interictal/hooks/clinic"
)

// Lifetime of a code.
const Lifetime = 72 * time.Hour

// letters leave out I, L, O and U (Crockford's base 32).
const letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

const length = 10

// New draws a code from random, e.g. 7KQM-3XWP-ZT.
func New(random io.Reader) (string, error) {
	bytes := make([]byte, length)
	if _, err := io.ReadFull(random, bytes); err != nil {
		return "", fmt.Errorf("drawing an invitation code: %w", err)
	}
	var code strings.Builder
	for i, b := range bytes {
		if i > 0 && i%4 == 0 {
			code.WriteByte('-')
		}
		code.WriteByte(letters[int(b)%len(letters)]) // 256 is a multiple of 32: no letter is likelier
	}
	return code.String(), nil
}

// Normal reads a code as people type it: any case, with or without dashes, O for 0, I and L for 1.
func Normal(typed string) string {
	return strings.NewReplacer("-", "", " ", "", "O", "0", "I", "1", "L", "1").Replace(strings.ToUpper(strings.TrimSpace(typed)))
}

// Hash is what the database holds of a code.
func Hash(typed string) string {
	sum := sha256.Sum256([]byte(Normal(typed)))
	return hex.EncodeToString(sum[:])
}

// Check judges an invitation at the instant now; nil means it may be used.
func Check(expires, used, now time.Time) *clinic.Broken {
	switch {
	case !used.IsZero():
		return &clinic.Broken{Code: "E_INVITE_USED", Severity: clinic.Hard, Message: "This code has been used. Ask the clinic for a new one."}
	case !now.Before(expires):
		return &clinic.Broken{Code: "E_INVITE_EXPIRED", Severity: clinic.Hard, Message: "This code is older than 72 hours. Ask the clinic for a new one."}
	}
	return nil
}
