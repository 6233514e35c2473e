#!/usr/bin/env bash
# scim2-parse-filter parses emails[type eq "work"].value eq "a" as emails[type eq "work"] and emails.value eq "a": two
# conditions that different values of a user may meet. The result is the same as that of the second text, so nothing can be
# repaired afterwards. It also reads backslashes in strings as themselves, although strings are JSON.
#
# Versions: scim2-parse-filter 0.2.10, Node 20 or newer.
# Expected: one condition on one value (RFC 7644, section 3.4.2.2); one backslash, and é.
# Seen: two conditions; two backslashes, and the six characters of the escape.
# Remedy: a parser of our own (src/services/scim/filter.ts).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund scim2-parse-filter@0.2.10
cat > try.cjs <<'JS'
const { parse, filter } = require("scim2-parse-filter");
const user = { emails: [{ type: "work", value: "b" }, { type: "home", value: "a" }] };
console.log("one value:", filter(parse('emails[type eq "work"].value eq "a"'))(user));
console.log("string:", parse(String.raw`title eq "\\ \u00e9"`).compValue);
JS
seen=$(node try.cjs)
echo "$seen"
expected='one value: true
string: \\ \u00e9'
[ "$seen" = "$expected" ] || { printf 'Changed; expected:\n%s\n' "$expected" >&2; exit 1; }
