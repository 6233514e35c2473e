#!/usr/bin/env bash
# openapi-client-axios sends lists in a query under another name than the document and its own prepared URL have.
#
# Versions: openapi-client-axios 7.9.1 with axios 1.21.1 on Node 20 to 24.
# Expected: a query parameter of type array without `style` and `explode` is sent as ids=1&ids=2, the default of OpenAPI 3,
# which getRequestConfigForOperation also puts in its `url`.
# Seen: the request contains ids[]=1&ids[]=2: the operation hands the values to axios, which serializes them its own way
# and does not use the prepared URL. A server that knows `ids` rejects or ignores `ids[]`, and a filter has no effect.
# Remedy: axiosConfigDefaults: { paramsSerializer: { indexes: null } }.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund openapi-client-axios@7.9.1 axios@1.21.1
seen=$(node -e '
  const { createServer } = require("node:http");
  const { OpenAPIClientAxios } = require("openapi-client-axios");
  const ids = { name: "ids", in: "query", schema: { type: "array", items: { type: "string" } } };
  const listPets = { operationId: "listPets", parameters: [ids], responses: { 200: { description: "Pets." } } };
  const document = { openapi: "3.0.3", info: { title: "Pets", version: "1" }, paths: { "/pets": { get: listPets } } };
  const server = createServer((request, response) => {
    console.log("sent: " + decodeURIComponent(request.url));
    response.end("{}");
  });
  server.listen(0, "127.0.0.1", async () => {
    const url = `http://127.0.0.1:${server.address().port}`;
    const definition = { ...document, servers: [{ url }] };
    for (const axiosConfigDefaults of [{}, { paramsSerializer: { indexes: null } }]) {
      const api = new OpenAPIClientAxios({ definition, axiosConfigDefaults });
      const client = await api.init();
      const prepared = api.getRequestConfigForOperation("listPets", [{ ids: ["1", "2"] }]);
      console.log("prepared: " + prepared.url.slice(url.length));
      await client.listPets({ ids: ["1", "2"] });
    }
    server.close();
  });')
echo "$seen"
expected="prepared: /pets?ids=1&ids=2
sent: /pets?ids[]=1&ids[]=2
prepared: /pets?ids=1&ids=2
sent: /pets?ids=1&ids=2"
[ "$seen" = "$expected" ] || { printf 'Changed; expected:\n%s\n' "$expected" >&2; exit 1; }
