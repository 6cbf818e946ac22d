package backup

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"strings"

	"filippo.io/age"
)

// Keys are what a key file holds, in age's own form (age-keygen writes the same): AGE-SECRET-KEY-1… opens copies
// and makes them, age1… only makes them.
type Keys struct {
	To   []age.Recipient
	Open []age.Identity
}

// NewKey is the text of a key file.
func NewKey() (string, error) {
	key, err := age.GenerateX25519Identity()
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("# Opens the encrypted copies of Interictal. Without it they are lost: keep it in two places, neither of them with the copies.\n"+
		"# public key: %s\n%s\n", key.Recipient(), key), nil
}

// ParseKeys reads a key file.
func ParseKeys(text string) (keys Keys, err error) {
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if err := keys.add(line); err != nil {
			return keys, fmt.Errorf("line %d of the key file is no key", i+1) // the line stays untold: it may be a secret
		}
	}
	if len(keys.To) == 0 {
		return keys, errors.New("the key file holds no key")
	}
	return keys, nil
}

func (k *Keys) add(line string) error {
	if !strings.HasPrefix(line, "AGE-SECRET-KEY-") {
		to, err := age.ParseRecipients(strings.NewReader(line))
		k.To = append(k.To, to...)
		return err
	}
	secret, err := age.ParseX25519Identity(line)
	if err != nil {
		return err
	}
	k.To, k.Open = append(k.To, secret.Recipient()), append(k.Open, secret)
	return nil
}

// Seal compresses and encrypts what is written to it. Without Close it cannot be opened.
func (k Keys) Seal(w io.Writer) (io.WriteCloser, error) {
	locked, err := age.Encrypt(w, k.To...)
	if err != nil {
		return nil, err
	}
	packed, err := gzip.NewWriterLevel(locked, gzip.BestSpeed)
	return sealed{packed, locked}, err
}

type sealed struct {
	*gzip.Writer
	locked io.Closer
}

func (s sealed) Close() error { return errors.Join(s.Writer.Close(), s.locked.Close()) }

// Unseal gives back what was sealed.
func (k Keys) Unseal(r io.Reader) (io.Reader, error) {
	if len(k.Open) == 0 {
		return nil, errors.New("this key file makes copies and cannot open them: the line AGE-SECRET-KEY-… is needed")
	}
	opened, err := age.Decrypt(r, k.Open...)
	if err != nil {
		return nil, err
	}
	return gzip.NewReader(opened)
}
