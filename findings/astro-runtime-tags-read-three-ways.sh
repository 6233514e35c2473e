#!/usr/bin/env bash
# Astro Runtime names its images for Airflow 3 `<Airflow minor>-<build>`: 3.1-2 is the second build for Airflow 3.1, and
# comes after 3.1-1. The version libraries that Airflow tooling uses read such a tag in three ways that contradict each
# other, so each of them is wrong for "at least 3.1" or for sorting.
#
# Versions: npm semver 7.7.3; Python packaging 25.0; Go Masterminds/semver 3.4.0, hashicorp/go-version 1.7.0 and
# golang.org/x/mod 0.28.0 (these three with Go 1.21 or newer).
# Expected: all say that 3.1-2 is at least 3.1 and newer than 3.1-1, or all refuse the tag.
# Seen: - Python reads a post-release (3.1.post2): at least 3.1, and newer.
#       - Masterminds and hashicorp read a pre-release of 3.1.0: NOT at least 3.1; newer than 3.1-1.
#       - npm semver refuses it, and coerce() drops the build, or keeps it as a pre-release.
#       - x/mod finds it invalid, and Compare then calls every two builds equal.
# Remedy: compare Runtime tags with a comparison made for them, as numbers, part by part.
set -euo pipefail
folder=$(mktemp -d)
trap 'chmod -R u+w "$folder"; rm -rf "$folder"' EXIT
cd "$folder"

npm install --silent --no-audit --no-fund --prefix js semver@7.7.3
js=$(cd js && node -e '
  const { valid, coerce, gte } = require("semver");
  const kept = coerce("3.1-2", { includePrerelease: true });
  console.log(`npm semver: valid ${valid("3.1-2")}, coerced ${coerce("3.1-2")} or ${kept}, the latter >= 3.1.0 ${gte(kept, "3.1.0")}`);')

python3 -m venv py
py/bin/pip install --quiet --disable-pip-version-check packaging==25.0
python=$(py/bin/python -c '
from packaging.version import Version
tag = Version("3.1-2")
print("Python packaging: %s, >= 3.1 %s, > 3.1-1 %s" % (tag, tag >= Version("3.1"), tag > Version("3.1-1")))')

mkdir go && cd go
cat > main.go <<'GO'
package main

import (
	"fmt"

	masterminds "github.com/Masterminds/semver/v3"
	hashicorp "github.com/hashicorp/go-version"
	"golang.org/x/mod/semver"
)

func main() {
	tag, before := masterminds.MustParse("3.1-2"), masterminds.MustParse("3.1-1")
	atLeast, _ := masterminds.NewConstraint(">= 3.1")
	fmt.Printf("Masterminds: %s, >= 3.1 %t, > 3.1-1 %t\n", tag, atLeast.Check(tag), tag.GreaterThan(before))
	h := hashicorp.Must(hashicorp.NewVersion("3.1-2"))
	fmt.Printf("hashicorp: %s, >= 3.1 %t, > 3.1-1 %t\n", h, h.GreaterThanOrEqual(hashicorp.Must(hashicorp.NewVersion("3.1"))),
		h.GreaterThan(hashicorp.Must(hashicorp.NewVersion("3.1-1"))))
	fmt.Printf("x/mod: valid %t, compared with 3.1-1 %d\n", semver.IsValid("v3.1-2"), semver.Compare("v3.1-2", "v3.1-1"))
}
GO
export GOFLAGS=-mod=mod GOPATH="$folder/gopath" GOTOOLCHAIN=local
go mod init try >/dev/null 2>&1
go get github.com/Masterminds/semver/v3@v3.4.0 github.com/hashicorp/go-version@v1.7.0 golang.org/x/mod@v0.28.0 >/dev/null 2>&1
go=$(go run .)

seen="$js
$python
$go"
echo "$seen"
expected="npm semver: valid null, coerced 3.1.0 or 3.1.0-2, the latter >= 3.1.0 false
Python packaging: 3.1.post2, >= 3.1 True, > 3.1-1 True
Masterminds: 3.1.0-2, >= 3.1 false, > 3.1-1 true
hashicorp: 3.1.0-2, >= 3.1 false, > 3.1-1 true
x/mod: valid false, compared with 3.1-1 0"
[ "$seen" = "$expected" ] || { printf 'Changed; expected:\n%s\n' "$expected" >&2; exit 1; }
