#!/usr/bin/env bash
# @segment/analytics-node: closeAndFlush() succeeds although the server refused every event.
#
# Version: @segment/analytics-node 3.1.0 on Node 20 to 24.
# Expected: a program that awaits closeAndFlush() before it ends learns there that its events were lost.
# Seen: the server answers 401 to the only batch. closeAndFlush() resolves, and track() has thrown nothing; the loss is
# reported to the `error` event and to the callback of track() alone. Without one of these, events are lost silently.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund @segment/analytics-node@3.1.0
seen=$(node -e '
  const { createServer } = require("node:http");
  const { Analytics } = require("@segment/analytics-node");
  let requests = 0;
  const server = createServer((request, response) => {
    requests += 1;
    request.resume().on("end", () => response.writeHead(401).end());
  });
  server.listen(0, "127.0.0.1", async () => {
    const host = `http://127.0.0.1:${server.address().port}`;
    for (const listens of [false, true]) {
      let errors = 0;
      const analytics = new Analytics({ writeKey: "a", host, flushAt: 1, maxRetries: 0 });
      if (listens) analytics.on("error", () => { errors += 1; });
      analytics.track({ userId: "1", event: "Order Completed" });
      const ended = await analytics.closeAndFlush({ timeout: 5000 }).then(() => "resolved", () => "rejected");
      console.log(`closeAndFlush ${ended}, ${requests} refused, ${listens ? errors + " error event" : "no listener"}`);
      requests = 0;
    }
    server.close();
  });')
echo "$seen"
expected="closeAndFlush resolved, 1 refused, no listener
closeAndFlush resolved, 1 refused, 1 error event"
[ "$seen" = "$expected" ] || { printf 'Changed; expected:\n%s\n' "$expected" >&2; exit 1; }
