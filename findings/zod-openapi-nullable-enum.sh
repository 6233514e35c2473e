#!/usr/bin/env bash
# zod describes an enum that may be null as one that may not, where the target is OpenAPI 3.0.
#
# Versions: zod 4.6.7, ajv 8.20.0, on Node 20 to 24.
# Expected: a document from z.toJSONSchema accepts what the schema accepts. OpenAPI 3.0.3 and JSON Schema apply `enum` to
# null too, so that null must be among the values; zod itself does so for z.null().
# Seen: z.enum(["RED", "BLUE"]).nullable() and z.literal("RED").nullable() become { nullable: true, type: "string", enum }
# without null in the enum. A validator with the document rejects the null that zod accepts. The target draft-7 is right.
# Remedy: add null to `enum` in the option `override` of z.toJSONSchema where `nullable` is true.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund zod@4.6.7 ajv@8.20.0
cat > try.mjs <<'JS'
import { Ajv } from "ajv";
import { z } from "zod";

const schemas = {
  "nullable string": z.string().nullable(),
  "null": z.null(),
  "nullable enum": z.enum(["RED", "BLUE"]).nullable(),
  "nullable literal": z.literal("RED").nullable(),
};
const accepts = (schema, target) => {
  const { $schema, ...json } = z.toJSONSchema(schema, { target });
  return new Ajv().validate(json, null);
};
for (const [name, schema] of Object.entries(schemas)) {
  const zod = schema.safeParse(null).success;
  const described = `draft-7 ${accepts(schema, "draft-07")}, openapi-3.0 ${accepts(schema, "openapi-3.0")}`;
  console.log(`${name} accepts null: zod ${zod}, ${described}`);
}
JS
seen=$(node try.mjs)
echo "$seen"
expected="nullable string accepts null: zod true, draft-7 true, openapi-3.0 true
null accepts null: zod true, draft-7 true, openapi-3.0 true
nullable enum accepts null: zod true, draft-7 true, openapi-3.0 false
nullable literal accepts null: zod true, draft-7 true, openapi-3.0 false"
[ "$seen" = "$expected" ] || { printf 'Changed; expected:\n%s\n' "$expected" >&2; exit 1; }
