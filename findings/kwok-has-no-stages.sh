#!/usr/bin/env bash
# kwok plays the nodes of a Kubernetes cluster. Its program, as `go install` builds it, ends at once when it is told which
# nodes to manage and nothing more: the stages that say how nodes and pods become ready are only in its images and in the
# folder kustomize/stage of its module, and `--config` must name them.
#
# Versions: sigs.k8s.io/kwok v0.8.0, Go 1.26 or newer; the build takes minutes.
# Expected: it starts, and tries to reach the server of its kubeconfig.
# Seen: "no stages found", and exit code 1, before it has asked the server for anything.
# Remedy: stages of our own for the tests (test/cluster/programs/stages.yaml).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
GOBIN="$folder" GOWORK=off CGO_ENABLED=0 go install sigs.k8s.io/kwok/cmd/kwok@v0.8.0
cat > kubeconfig <<'YAML'
apiVersion: v1
kind: Config
clusters: [{ name: a, cluster: { server: "http://127.0.0.1:9" } }]
users: [{ name: a, user: { token: a } }]
contexts: [{ name: a, context: { cluster: a, user: a } }]
current-context: a
YAML
code=0
timeout 20 ./kwok --kubeconfig="$folder/kubeconfig" --manage-all-nodes=true --node-port=0 > log 2>&1 || code=$?
grep -o '"msg":"[^"]*stages found"\|"err":"[^"]*"' log || true
echo "exit code $code"
[ "$code" -eq 1 ] && grep -q '"err":"no stages found"' log || { echo "Changed; expected: no stages found, exit code 1" >&2; exit 1; }
