// Package backup is the form of a copy of the database, away from the machine.
//
// A copy is a chain of parts. The first holds every page of the database, each later one the pages that have
// changed since the part before; so a database of some hundred megabytes is copied every few minutes with some kilobytes. A
// chain can be put back to the moment of any of its parts. A part is compressed, then encrypted with age, and never changed again.
//
// A part ends with the sum of the whole database as it was read, and begins with the sum of the part before. What is
// put back is compared with both, so that a missing, damaged or foreign part is found before anybody works with it.
//
// Inside the encryption: one line of JSON (Head), then for each page its number (4 bytes, big endian) and its bytes, then the
// number 0, how many pages the database has (4 bytes) and the sum (32 bytes).
package backup

import (
	"bufio"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"time"
)

// Head says what a part is.
type Head struct {
	Form     int       `json:"form"` // 1
	Chain    string    `json:"chain"`
	N        int       `json:"n"`
	At       time.Time `json:"at"`
	PageSize int       `json:"pageSize"`
	Before   string    `json:"before"` // the sum that the part before ended with; none for the first
}

// Book holds the hash of every page, as the last part left the database. The zero Book is before the first part.
type Book struct {
	pages [][sha256.Size]byte
	size  int // of a page
}

// Part says what was written.
type Part struct {
	Pages, Changed int
	Book           *Book // as this part leaves it
}

var (
	errForm  = errors.New("this is no part of a copy, or of a later version of Interictal")
	errOrder = errors.New("it does not follow the part before")
	errSum   = errors.New("the database put together from it is not the one that was copied")
)

// sum is the hash of all hashes: two databases with the same sum are equal, byte for byte.
func (b *Book) sum() (out [sha256.Size]byte) {
	h := sha256.New()
	for _, page := range b.pages {
		h.Write(page[:])
	}
	h.Sum(out[:0])
	return out
}

func (b *Book) before() string {
	if len(b.pages) == 0 {
		return ""
	}
	return fmt.Sprintf("%x", b.sum())
}

// Write writes the pages of the database that are not as the book has them. The book stays as it is: the next one counts when
// the part has arrived.
func (b *Book) Write(w io.Writer, head Head, pages iter.Seq2[[]byte, error]) (Part, error) {
	out := bufio.NewWriterSize(w, 1<<16)
	next := &Book{}
	part := Part{Book: next}
	for page, err := range pages {
		if err != nil {
			return part, err
		}
		if next.size == 0 {
			next.size, head.Form, head.PageSize, head.Before = len(page), 1, len(page), b.before()
			if err := json.NewEncoder(out).Encode(head); err != nil {
				return part, err
			}
		}
		hash, n := sha256.Sum256(page), len(next.pages)
		next.pages = append(next.pages, hash)
		if n < len(b.pages) && b.pages[n] == hash && b.size == next.size {
			continue
		}
		part.Changed++
		if err := writePage(out, uint32(n+1), page); err != nil {
			return part, err
		}
	}
	if part.Pages = len(next.pages); part.Pages == 0 {
		return part, errors.New("the database has no pages")
	}
	sum := next.sum()
	end := binary.BigEndian.AppendUint32(make([]byte, 4), uint32(part.Pages))
	_, err := out.Write(append(end, sum[:]...))
	return part, errors.Join(err, out.Flush())
}

func writePage(out *bufio.Writer, number uint32, page []byte) error {
	var at [4]byte
	binary.BigEndian.PutUint32(at[:], number)
	if _, err := out.Write(at[:]); err != nil {
		return err
	}
	_, err := out.Write(page)
	return err
}

// File is where a database is put together.
type File interface {
	io.WriterAt
	Truncate(size int64) error
}

// Read puts one part into the file, and into the book. After a failure neither is of use.
func (b *Book) Read(r io.Reader, file File) (Head, error) {
	in := bufio.NewReaderSize(r, 1<<16)
	head, err := readHead(in)
	if err != nil {
		return head, err
	}
	if head.Before != b.before() {
		return head, errOrder
	}
	if b.size != head.PageSize { // VACUUM can change it, and then every page is new
		b.size, b.pages = head.PageSize, nil
	}
	if err := b.readPages(in, file); err != nil {
		return head, err
	}
	return head, b.readEnd(in, file)
}

func readHead(in *bufio.Reader) (head Head, err error) {
	line, err := in.ReadBytes('\n')
	if err != nil {
		return head, errors.Join(errForm, err)
	}
	if json.Unmarshal(line, &head) != nil || head.Form != 1 || head.PageSize < 512 || head.PageSize > 1<<16 {
		return head, errForm
	}
	return head, nil
}

func (b *Book) readPages(in io.Reader, file File) error {
	page := make([]byte, b.size)
	for {
		var at [4]byte
		if _, err := io.ReadFull(in, at[:]); err != nil {
			return err
		}
		n := int(binary.BigEndian.Uint32(at[:]))
		if n == 0 {
			return nil
		}
		if n > len(b.pages)+1 {
			return errOrder // a page between is missing
		}
		if _, err := io.ReadFull(in, page); err != nil {
			return err
		}
		hash := sha256.Sum256(page)
		if n > len(b.pages) {
			b.pages = append(b.pages, hash)
		}
		b.pages[n-1] = hash
		if _, err := file.WriteAt(page, int64(n-1)*int64(b.size)); err != nil {
			return err
		}
	}
}

// readEnd also reads to the end of the stream: only there the encryption vouches for all of it.
func (b *Book) readEnd(in io.Reader, file File) error {
	var end [4 + sha256.Size]byte
	if _, err := io.ReadFull(in, end[:]); err != nil {
		return err
	}
	n := int(binary.BigEndian.Uint32(end[:4]))
	if n > len(b.pages) {
		return errSum
	}
	b.pages = b.pages[:n]
	if b.sum() != [sha256.Size]byte(end[4:]) {
		return errSum
	}
	if rest, err := io.Copy(io.Discard, in); err != nil || rest > 0 {
		return errors.Join(errForm, err)
	}
	return file.Truncate(int64(n) * int64(b.size))
}
