package core

import (
	"cmp"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"paperboy/core/text"
)

// ZoneError is a zone that nobody knows by that name.
type ZoneError struct {
	*UserError
	Zone string // as typed
}

// Unwrap makes it a UserError to whoever asks.
func (e *ZoneError) Unwrap() error { return e.UserError }

// What people write for a zone, and which they may mean. An abbreviation is never
// taken for a zone: several have it, and some keep no summer time.
var zoneNames = map[string][]string{
	"ist": {"Asia/Kolkata", "Europe/Dublin", "Asia/Jerusalem"}, "bst": {"Europe/London", "Asia/Dhaka"}, "cst": {"America/Chicago", "Asia/Shanghai", "America/Havana"},
	"est": {"America/New_York", "America/Panama"}, "edt": {"America/New_York"}, "et": {"America/New_York"}, "cdt": {"America/Chicago"}, "ct": {"America/Chicago"},
	"mst": {"America/Denver", "America/Phoenix"}, "mdt": {"America/Denver"}, "mt": {"America/Denver"},
	"pst": {"America/Los_Angeles", "Asia/Manila"}, "pdt": {"America/Los_Angeles"}, "pt": {"America/Los_Angeles"}, "akst": {"America/Anchorage"}, "hst": {"Pacific/Honolulu"},
	"ast": {"America/Halifax", "Asia/Riyadh"}, "brt": {"America/Sao_Paulo"}, "art": {"America/Argentina/Buenos_Aires"},
	"cet": {"Europe/Berlin", "Europe/Paris", "Europe/Madrid"}, "cest": {"Europe/Berlin", "Europe/Paris", "Europe/Madrid"}, "mez": {"Europe/Berlin"}, "mesz": {"Europe/Berlin"},
	"wet": {"Europe/Lisbon"}, "west": {"Europe/Lisbon"}, "eet": {"Europe/Helsinki", "Europe/Athens", "Europe/Kyiv"}, "eest": {"Europe/Helsinki", "Europe/Athens", "Europe/Kyiv"},
	"msk": {"Europe/Moscow"}, "trt": {"Europe/Istanbul"}, "sast": {"Africa/Johannesburg"}, "eat": {"Africa/Nairobi"}, "wat": {"Africa/Lagos"},
	"pkt": {"Asia/Karachi"}, "ict": {"Asia/Bangkok", "Asia/Ho_Chi_Minh"}, "wib": {"Asia/Jakarta"}, "hkt": {"Asia/Hong_Kong"}, "sgt": {"Asia/Singapore"},
	"jst": {"Asia/Tokyo"}, "kst": {"Asia/Seoul"}, "aest": {"Australia/Sydney", "Australia/Brisbane"}, "aedt": {"Australia/Sydney"}, "awst": {"Australia/Perth"}, "nzst": {"Pacific/Auckland"}, "nzdt": {"Pacific/Auckland"},

	"eastern": {"America/New_York"}, "central": {"America/Chicago", "Europe/Berlin"}, "mountain": {"America/Denver"}, "pacific": {"America/Los_Angeles"},

	"nyc": {"America/New_York"}, "boston": {"America/New_York"}, "washington": {"America/New_York"}, "philadelphia": {"America/New_York"}, "pittsburgh": {"America/New_York"}, "princeton": {"America/New_York"}, "atlanta": {"America/New_York"}, "miami": {"America/New_York"},
	"sf": {"America/Los_Angeles"}, "la": {"America/Los_Angeles"}, "san_francisco": {"America/Los_Angeles"}, "stanford": {"America/Los_Angeles"}, "berkeley": {"America/Los_Angeles"}, "seattle": {"America/Los_Angeles"}, "san_diego": {"America/Los_Angeles"}, "palo_alto": {"America/Los_Angeles"},
	"austin": {"America/Chicago"}, "houston": {"America/Chicago"}, "dallas": {"America/Chicago"}, "ottawa": {"America/Toronto"}, "waterloo": {"America/Toronto"},
	"mumbai": {"Asia/Kolkata"}, "delhi": {"Asia/Kolkata"}, "new_delhi": {"Asia/Kolkata"}, "bangalore": {"Asia/Kolkata"}, "bengaluru": {"Asia/Kolkata"}, "chennai": {"Asia/Kolkata"}, "hyderabad": {"Asia/Kolkata"}, "pune": {"Asia/Kolkata"}, "india": {"Asia/Kolkata"},
	"beijing": {"Asia/Shanghai"}, "shenzhen": {"Asia/Shanghai"}, "hangzhou": {"Asia/Shanghai"}, "guangzhou": {"Asia/Shanghai"}, "taiwan": {"Asia/Taipei"}, "korea": {"Asia/Seoul"}, "japan": {"Asia/Tokyo"}, "israel": {"Asia/Jerusalem"}, "china": {"Asia/Shanghai"}, "osaka": {"Asia/Tokyo"}, "kyoto": {"Asia/Tokyo"}, "haifa": {"Asia/Jerusalem"}, "abu_dhabi": {"Asia/Dubai"}, "kaust": {"Asia/Riyadh"}, "hanoi": {"Asia/Ho_Chi_Minh"},
	"munich": {"Europe/Berlin"}, "münchen": {"Europe/Berlin"}, "hamburg": {"Europe/Berlin"}, "frankfurt": {"Europe/Berlin"}, "cologne": {"Europe/Berlin"}, "tübingen": {"Europe/Berlin"}, "tuebingen": {"Europe/Berlin"}, "germany": {"Europe/Berlin"},
	"geneva": {"Europe/Zurich"}, "lausanne": {"Europe/Zurich"}, "zürich": {"Europe/Zurich"}, "barcelona": {"Europe/Madrid"}, "milan": {"Europe/Rome"}, "grenoble": {"Europe/Paris"}, "france": {"Europe/Paris"}, "switzerland": {"Europe/Zurich"}, "austria": {"Europe/Vienna"}, "italy": {"Europe/Rome"}, "spain": {"Europe/Madrid"}, "netherlands": {"Europe/Amsterdam"}, "england": {"Europe/London"}, "scotland": {"Europe/London"},
	"oxford": {"Europe/London"}, "cambridge": {"Europe/London", "America/New_York"}, "edinburgh": {"Europe/London"}, "manchester": {"Europe/London"}, "uk": {"Europe/London"}, "canberra": {"Australia/Sydney"},
}

// offsetCities stand for their offsets, the best known first.
var offsetCities = strings.Fields(`Europe/London Europe/Berlin Europe/Paris Europe/Lisbon Europe/Athens Europe/Istanbul Europe/Moscow Africa/Lagos Africa/Johannesburg Africa/Nairobi
	Asia/Jerusalem Asia/Riyadh Asia/Tehran Asia/Dubai Asia/Kabul Asia/Karachi Asia/Kolkata Asia/Kathmandu Asia/Dhaka Asia/Yangon Asia/Bangkok Asia/Jakarta Asia/Shanghai Asia/Singapore Australia/Perth
	Asia/Tokyo Asia/Seoul Australia/Adelaide Australia/Sydney Australia/Brisbane Pacific/Noumea Pacific/Auckland Pacific/Honolulu America/Anchorage America/Los_Angeles America/Denver America/Phoenix
	America/Chicago America/Mexico_City America/New_York America/Bogota America/Halifax America/Santiago America/St_Johns America/Sao_Paulo America/Argentina/Buenos_Aires Atlantic/Azores`)

var offsetForm = regexp.MustCompile(`^(?:utc|gmt)?([+\-−–])(\d{1,2})(?::?(\d{2}))?$`)

// zonesMeant is how many zones are offered for one that is not known.
const zonesMeant = 3

// ZonesMeant are the zones that somebody may have meant who wrote an abbreviation, a
// city that is none's name, an offset from UTC, as it is at now, or a typing error.
func ZonesMeant(typed string, now time.Time) []string {
	low := strings.ToLower(strings.Join(strings.Fields(typed), "_"))
	if zones := zoneNames[low]; zones != nil {
		return zones
	}
	if m := offsetForm.FindStringSubmatch(low); m != nil {
		hours, _ := strconv.Atoi(m[2])
		minutes, _ := strconv.Atoi("0" + m[3])
		seconds := hours*3600 + minutes*60
		if m[1] != "+" {
			seconds = -seconds
		}
		var zones []string
		for _, z := range offsetCities {
			if loc, ok := (Schedule{Zone: z}).Location(); ok && len(zones) < zonesMeant {
				if _, offset := now.In(loc).Zone(); offset == seconds {
					zones = append(zones, z)
				}
			}
		}
		return zones
	}
	type near struct {
		zone string
		far  int
	}
	var found []near
	add := func(far int, zones ...string) {
		for _, z := range zones {
			if far <= 2 && far*5 <= len(low) && !slices.ContainsFunc(found, func(n near) bool { return n.zone == z }) {
				found = append(found, near{z, far})
			}
		}
	}
	for _, z := range currentZones {
		name := strings.ToLower(z)
		add(min(text.Distance(low, name), text.Distance(low, name[strings.LastIndexByte(name, '/')+1:])), z)
	}
	for _, name := range slices.Sorted(maps.Keys(zoneNames)) {
		add(text.Distance(low, name), zoneNames[name]...)
	}
	slices.SortStableFunc(found, func(a, b near) int { return cmp.Compare(a.far, b.far) })
	var zones []string
	for _, n := range found[:min(len(found), zonesMeant)] {
		zones = append(zones, n.zone)
	}
	return zones
}
