#!/usr/bin/env bash
# @fastify/compress sends a compressed response under the strong ETag of the response that is not compressed.
#
# Versions: @fastify/compress 9.2.0 with fastify 5.12.5, on Node 20 to 24.
# Expected: the compressed representation has another strong ETag or a weak one. RFC 9110, 8.8.3.3: different content
# codings need different strong entity tags; nginx weakens the tag for this reason.
# Seen: both have the same strong ETag, "1", so that bytes of one may be combined with bytes of the other (If-Range).
# Remedy: a weak ETag, or `compress: false` on routes with a strong one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund @fastify/compress@9.2.0 fastify@5.12.5
seen=$(node -e '
  const app = require("fastify")();
  (async () => {
    await app.register(require("@fastify/compress"), { threshold: 0 });
    app.get("/", (_request, reply) => reply.header("etag", "\"1\"").type("application/json").send({ text: "a".repeat(5000) }));
    for (const encoding of ["identity", "gzip"]) {
      const { headers } = await app.inject({ url: "/", headers: { "accept-encoding": encoding } });
      console.log(encoding + ": " + (headers["content-encoding"] ?? "not compressed") + ", etag " + headers.etag);
    }
  })();')
echo "$seen"
expected='identity: not compressed, etag "1"
gzip: gzip, etag "1"'
[ "$seen" = "$expected" ] || { printf 'Changed; expected:\n%s\n' "$expected" >&2; exit 1; }
