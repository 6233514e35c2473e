#!/usr/bin/env bash
# When Prometheus loads its configuration again, even an unchanged one, alerts that fire all the time may count as resolved in
# Alertmanager, which then reports "resolved" and "firing" once more. A reload forgets the Alertmanagers; discovery, also of
# static targets, names them again only at its next tick, up to 5 s later, and what fires meanwhile is sent to nobody. An
# alert ends in Alertmanager when it was not repeated for four times the resend delay (or evaluation interval, if longer),
# so that a resend delay of 1 s is too short. With the default of a minute, alerts survive.
#
# Versions: Prometheus 2.42.0+ds-5+deb12u1 and Alertmanager 0.25.0-1+b4 of Debian 12.
# Expected: an alert whose expression is `vector(1)` is active all the time.
# Seen: longest time without it, in 12 s without a reload 0 s; in eight reloads, with a resend delay of 1 s, 2 s, which
# differs from run to run; with 5 s, 0 s.
# Remedy: --rules.alert.resend-delay=5s or longer.
set -euo pipefail
folder=$(mktemp -d)
children=()
stop() {
  for pid in "${children[@]}"; do kill "$pid" 2> /dev/null && wait "$pid" 2> /dev/null || true; done
  children=()
}
trap 'stop; rm -rf "$folder"' EXIT
cd "$folder"
apt-get download -qq prometheus=2.42.0+ds-5+deb12u1 prometheus-alertmanager=0.25.0-1+b4 2> /dev/null
for package in *.deb; do dpkg -x "$package" programs; done

cat > try.py <<'PY'
import json, sys, time, urllib.request

prometheus, alertmanager, reloads = sys.argv[1], sys.argv[2], int(sys.argv[3])

def is_active():
    with urllib.request.urlopen(f"{alertmanager}/api/v2/alerts") as answer:
        return len(json.load(answer)) > 0

def longest_absence(seconds):
    longest, since, until = 0.0, None, time.monotonic() + seconds
    while time.monotonic() < until or since is not None:
        now = time.monotonic()
        since = None if is_active() else since or now
        longest = max(longest, now - since if since else 0.0)
        time.sleep(0.05)
    return longest

until = time.monotonic() + 60
while True:
    try:
        if is_active(): break
    except OSError:
        pass
    if time.monotonic() > until: sys.exit("no alert within 60 s")
    time.sleep(0.1)
if reloads == 0:
    print(f"{longest_absence(12):.1f}")
else:
    absences = []
    for n in range(reloads):
        # At another time of the tick.
        time.sleep(0.6 * n % 5)
        urllib.request.urlopen(urllib.request.Request(f"{prometheus}/-/reload", method="POST"))
        absences.append(longest_absence(7))
    print(f"{max(absences):.1f}")
PY

port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
# absence RESEND_DELAY RELOADS: prints the longest time without the alert, in seconds.
absence() {
  local data prometheus alertmanager
  data=$(mktemp -d -p "$folder")
  prometheus=$(port)
  alertmanager=$(port)
  cat > "$data/rules.yml" <<< '{"groups": [{"name": "a", "rules": [{"alert": "Always", "expr": "vector(1)"}]}]}'
  cat > "$data/alertmanager.yml" <<< '{"route": {"receiver": "nobody"}, "receivers": [{"name": "nobody"}]}'
  cat > "$data/prometheus.yml" << YAML
global: {evaluation_interval: 1s}
rule_files: [$data/rules.yml]
alerting: {alertmanagers: [{static_configs: [{targets: ["127.0.0.1:$alertmanager"]}]}]}
YAML
  programs/usr/bin/prometheus-alertmanager --config.file="$data/alertmanager.yml" --storage.path="$data/alerts" \
    --web.listen-address="127.0.0.1:$alertmanager" --cluster.listen-address= 2> /dev/null &
  children+=($!)
  programs/usr/bin/prometheus --config.file="$data/prometheus.yml" --storage.tsdb.path="$data/data" \
    --web.listen-address="127.0.0.1:$prometheus" --web.enable-lifecycle --rules.alert.resend-delay="$1" 2> /dev/null &
  children+=($!)
  python3 try.py "http://127.0.0.1:$prometheus" "http://127.0.0.1:$alertmanager" "$2" > "$data/seen"
  stop
  cat "$data/seen"
}

absence 1s 0 > quiet
absence 1s 8 > short
absence 5s 8 > long
echo "without a reload $(< quiet) s; reloads, resend delay 1 s: $(< short) s; 5 s: $(< long) s"
[ "$(< quiet)" = 0.0 ] && [ "$(< short)" != 0.0 ] && [ "$(< long)" = 0.0 ]
