#!/usr/bin/env bash
# "JSON is YAML" is the usual reason to hand JSON to programs that read YAML, such as Flux, which reads the values of a
# HelmRelease with sigs.k8s.io/yaml. Its parser takes valid JSON for an error if a string contains DEL or a control character
# of Latin-1 (U+0080 to U+009F), which JSON.stringify does not escape, and reads the line break U+0085 as a space.
#
# Versions: sigs.k8s.io/yaml 1.6.0 (Go 1.22 or later).
# Expected: the string that JSON.parse returns.
# Seen: an error for U+007F and U+0081 ("control characters are not allowed"), "a b" for "a", U+0085, "b"; escaped as \u0085, all
# of them are read as they are.
# Remedy: escape these characters in the JSON (src/services/provisioning/objects/objectsOf.ts).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat > go.mod <<'MOD'
module try
go 1.22
require sigs.k8s.io/yaml v1.6.0
MOD
cat > main.go <<'GO'
package main

import (
	"encoding/json"
	"fmt"

	"sigs.k8s.io/yaml"
)

func main() {
	for _, code := range []rune{0x7f, 0x81, 0x85} {
		wanted := "a" + string(code) + "b"
		plain := `{"value": "` + wanted + `"}`
		escaped := fmt.Sprintf(`{"value": "a\u%04xb"}`, code)
		if !json.Valid([]byte(plain)) {
			panic("not JSON")
		}
		for name, text := range map[string]string{"plain": plain, "escaped": escaped} {
			var read struct{ Value string }
			err := yaml.Unmarshal([]byte(text), &read)
			fmt.Printf("U+%04X %s: %+q, as written %t, error %v\n", code, name, read.Value, read.Value == wanted, err)
		}
	}
}
GO
go mod tidy > /dev/null 2>&1
found=$(go run . | sort)
echo "$found"
[ "$(grep -c 'plain: "", as written false, error .*control characters are not allowed' <<< "$found")" -eq 2 ]
grep -q 'U+0085 plain: "a b", as written false, error <nil>' <<< "$found"
[ "$(grep -c 'escaped: .* as written true, error <nil>' <<< "$found")" -eq 3 ]
