#!/usr/bin/env bash
# Builds the programs of the cluster tests that are not in the cache yet; it needs Go, and 20 minutes on two cores the first
# time. Prints one line for each, "NAME PATH"; crds is a folder with the definitions of Flux's objects.
set -euo pipefail
folder=${HOUSTON_CLUSTER_CACHE:-$HOME/.cache/houston-cluster}
sources=$(cd "$(dirname "$0")" && pwd)

kubernetes=1.37.2
kwok=v0.8.0
# That of the release of Flux which has the helm-controller in go.mod.
source_controller=v1.9.1

export CGO_ENABLED=0 GOWORK=off
mkdir -p "$folder"
# Two runs at the same time would need twice the memory.
exec 9> "$folder/lock"
flock 9

# The packages of one program at a time take all cores; linking Kubernetes takes 3 GB of memory.
build() { # NAME KEY COMMAND...
  local name=$1 key=$2 path
  shift 2
  path="$folder/$name-$(printf '%s' "$key" | sha256sum | cut -c -16)"
  if [ ! -e "$path" ]; then
    echo "Building $name, which takes minutes the first time" >&2
    "$@" "$path.new" >&2
    mv "$path.new" "$path"
  fi
  echo "$name $path"
}

control_plane() {
  local v=k8s.io/component-base/version
  # Without these flags, the servers do not know their version.
  local flags="-s -w -X $v.gitVersion=v$kubernetes -X $v.gitMajor=1 -X $v.gitMinor=${kubernetes:2:2} -X $v.gitTreeState=clean"
  (cd "$sources/controlPlane" && go build -trimpath -ldflags "$flags" -o "$1" .)
}

helm_controller() {
  (cd "$sources/helmController" && go build -trimpath -ldflags "-s -w" -o "$1" github.com/fluxcd/helm-controller)
}

kwok() {
  mkdir -p "$1.bin"
  GOBIN="$1.bin" go install -trimpath -ldflags "-s -w" "sigs.k8s.io/kwok/cmd/kwok@$kwok"
  mv "$1.bin/kwok" "$1"
  rmdir "$1.bin"
}

crds() {
  local modules
  modules=$(go env GOMODCACHE)/github.com/fluxcd
  (cd "$sources/helmController" && go mod download github.com/fluxcd/helm-controller)
  (cd / && go mod download "github.com/fluxcd/source-controller@$source_controller")
  mkdir -p "$1"
  cp "$modules/helm-controller@$(version_of helm-controller)/config/crd/bases"/*.yaml "$1"
  cp "$modules/source-controller@$source_controller/config/crd/bases"/*_{helmcharts,helmrepositories,ocirepositories}.yaml "$1"
  chmod -R u+w "$1"
}

version_of() { awk -v module="github.com/fluxcd/$1" '$1 == module { print $2 }' "$sources/helmController/go.mod"; }
content_of() { cat "$sources/$1"/*; }

build controlPlane "$kubernetes $(content_of controlPlane)" control_plane
build helmController "$(content_of helmController)" helm_controller
build kwok "$kwok" kwok
build crds "$source_controller $(version_of helm-controller)" crds
