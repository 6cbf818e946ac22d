package report

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"time"
)

// A link opens one patient's page and nothing else, until it expires or is taken back. Its token has two halves: the id of the
// share, by which it is found, and 256 random bits, of which only the hash is stored and compared in constant time.

// How long a link lives.
const (
	UsualDays = 30
	MostDays  = 90
)

const (
	idLength    = 15
	secretBytes = 32
)

// Kinds of reply that a neurologist can give with one tap; the last is words alone.
var Kinds = []string{"agree", "change_limit", "see_patient", "text"}

// Share as it is stored.
type Share struct {
	Hash    string
	Expires time.Time
	Revoked time.Time
}

// NewSecret draws the half of a token that is never stored.
func NewSecret(random io.Reader) (string, error) {
	bytes := make([]byte, secretBytes)
	if _, err := io.ReadFull(random, bytes); err != nil {
		return "", fmt.Errorf("drawing the token of a share: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(bytes), nil
}

// Token is what goes into the address, behind the #.
func Token(id, secret string) string { return id + secret }

// Split a token into the id of its share and the secret; of something else both are whatever is there.
func Split(token string) (id, secret string) {
	if len(token) < idLength {
		return "", token
	}
	return token[:idLength], token[idLength:]
}

// Hash is what the database holds of a secret.
func Hash(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// Opens says whether the secret opens the share now. Why not is nobody's business: wrong, expired and taken back are one answer.
func (s Share) Opens(secret string, now time.Time) bool {
	same := subtle.ConstantTimeCompare([]byte(Hash(secret)), []byte(s.Hash)) == 1
	return same && s.Revoked.IsZero() && now.Before(s.Expires)
}
