#!/usr/bin/env bash
# The default metrics of prom-client do not pass Prometheus' own lint (`promtool check metrics`).
#
# Versions: prom-client 15.1.3; promlint of github.com/prometheus/client_golang 1.20.5, which promtool calls (Go 1.21+).
# Expected: collectDefaultMetrics(), which every guide uses, exposes names that follow Prometheus' rules.
# Seen: three gauges end in _total, which is for counters: nodejs_active_{handles,requests,resources}_total. With them, a
# check of the whole /metrics fails whatever the names of the application's own metrics are.
# Remedy: register.removeSingleMetric() for the three after collectDefaultMetrics(); the gauges without the suffix and
# with a `type` label (nodejs_active_handles …) tell the same.
set -euo pipefail
folder=$(mktemp -d)
trap 'chmod -R u+w "$folder"; rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --prefix js prom-client@15.1.3
(cd js && node -e '
  const { collectDefaultMetrics, register } = require("prom-client");
  collectDefaultMetrics();
  register.metrics().then((text) => process.stdout.write(text, () => process.exit(0)));') > metrics.txt
mkdir go && cd go
cat > main.go <<'GO'
package main

import (
	"fmt"
	"os"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
)

func main() {
	problems, err := promlint.New(os.Stdin).Lint()
	if err != nil {
		panic(err)
	}
	for _, problem := range problems {
		fmt.Println(problem.Metric + ": " + problem.Text)
	}
}
GO
export GOFLAGS=-mod=mod GOPATH="$folder/gopath" GOTOOLCHAIN=local
go mod init try > /dev/null 2>&1
go get github.com/prometheus/client_golang@v1.20.5 > /dev/null 2>&1
seen=$(go run . < ../metrics.txt 2> /dev/null)
echo "$seen"
expected='nodejs_active_handles_total: non-counter metrics should not have "_total" suffix
nodejs_active_requests_total: non-counter metrics should not have "_total" suffix
nodejs_active_resources_total: non-counter metrics should not have "_total" suffix'
[ "$seen" = "$expected" ] || { printf 'Changed; expected:\n%s\n' "$expected" >&2; exit 1; }
