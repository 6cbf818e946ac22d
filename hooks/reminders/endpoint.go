package reminders

import (
	"crypto/ecdh"
	"encoding/base64"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"interictal/hooks/clinic"
)

// Where a phone can be reached is said by the phone, so the server must not be made to knock at doors of its own house: only https,
// only names and addresses of the public network. A name is looked up when it is used, and judged again then (Public).

// Subscription is what a browser gives out.
type Subscription struct{ Endpoint, P256dh, Auth string }

// Fault says what is wrong with a subscription; nil: nothing. In development this machine itself may be named.
func (s Subscription) Fault(dev bool) *clinic.Broken {
	switch {
	case !reachable(s.Endpoint, dev):
		return fault("E_PUSH_ENDPOINT", "This is no address of a push service.", "endpoint")
	case !point(s.P256dh):
		return fault("E_VALUE", "This is no key of a browser.", "p256dh")
	case len(decoded(s.Auth)) != 16:
		return fault("E_VALUE", "This is no secret of a browser.", "auth")
	}
	return nil
}

func fault(code, message, field string) *clinic.Broken {
	return &clinic.Broken{Code: code, Severity: clinic.Hard, Message: message, Params: map[string]any{"field": field}}
}

func reachable(endpoint string, dev bool) bool {
	u, err := url.Parse(endpoint)
	if err != nil || u.User != nil || u.Fragment != "" || u.Hostname() == "" {
		return false
	}
	if dev && u.Hostname() == "127.0.0.1" {
		return u.Scheme == "http" || u.Scheme == "https"
	}
	if u.Scheme != "https" || u.Port() != "" && u.Port() != "443" {
		return false
	}
	if ip, err := netip.ParseAddr(u.Hostname()); err == nil {
		return Public(ip)
	}
	return named(u.Hostname())
}

// named: a name of the public network has a dot, and ends in letters; a number in disguise (0x7f.1, 127.1) does not.
func named(host string) bool {
	labels := strings.Split(strings.ToLower(strings.TrimSuffix(host, ".")), ".")
	last := labels[len(labels)-1]
	inside := slices.Contains([]string{"localhost", "local", "internal", "lan", "home", "corp", "intranet", "arpa", "test", "invalid", "onion"}, last)
	return len(labels) > 1 && !inside && strings.IndexFunc(last, func(r rune) bool { return r < 'a' || r > 'z' }) < 0
}

// closed are the ranges that are no part of the public network, beside those that netip knows by name (RFC 6890, 6598, 6052, 3056).
var closed = func() (out []netip.Prefix) {
	for _, text := range []string{"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
		"240.0.0.0/4", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "fec0::/10"} {
		out = append(out, netip.MustParsePrefix(text))
	}
	return out
}()

// Public says whether an address may be called.
func Public(ip netip.Addr) bool {
	ip = ip.Unmap().WithZone("")
	return ip.IsGlobalUnicast() && !ip.IsPrivate() && !slices.ContainsFunc(closed, func(p netip.Prefix) bool { return p.Contains(ip) })
}

// PublicHost is Public for "address:port", as a dialer sees it.
func PublicHost(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return false
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && Public(ip)
}

func decoded(text string) []byte {
	body, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(text, "="))
	if err != nil {
		return nil
	}
	return body
}

// point: an uncompressed point on P-256 (RFC 8291 §3.1).
func point(text string) bool {
	_, err := ecdh.P256().NewPublicKey(decoded(text))
	return err == nil
}
