import { readFileSync, writeFileSync } from "node:fs";
import { buildSchema, type GraphQLField } from "graphql";
import { type Access, accessOf, type Rule } from "../src/access/rules.ts";

// Writes the table of operations in README.md, between its marks, from what schema.graphql says about who may call.
// `--check` writes nothing and exits 1 when the table is out of date.

const readme = new URL("../README.md", import.meta.url);
const [start, end] = ["<!-- operations -->", "<!-- /operations -->"];

const schema = buildSchema(readFileSync(new URL("../schema.graphql", import.meta.url), "utf8"));

const either = (keys: readonly string[]) => keys.map((key) => `\`${key}\``).join(" or ");

/** When a rule applies: nothing for one that always does. */
const condition = ({ when, unless }: Rule) =>
  [when && `with \`${when}\``, unless && `without \`${unless}\``].filter(Boolean).join(", ");

function ruleInWords(rule: Rule): string {
  const who = rule.permissions.length === 0 ? "anyone signed in" : either(rule.permissions);
  return [condition(rule), who].filter(Boolean).join(": ");
}

const whoMayCall = (access: Access) => (access === "public" ? "anyone" : access.map(ruleInWords).join("; "));

const rows = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()].flatMap((type) => {
  if (!type) return [];
  const fields: Record<string, GraphQLField<unknown, unknown>> = type.getFields();
  return Object.keys(fields)
    .sort()
    .flatMap((name) => {
      const field = fields[name];
      if (!field) return [];
      return [`| ${type.name.toLowerCase()} | \`${name}\` | ${whoMayCall(accessOf(schema, type.name, field))} |`];
    });
});

const table = ["", "", "| kind | operation | who may call |", "|---|---|---|", ...rows, "", ""].join("\n");

const current = readFileSync(readme, "utf8");
const [from, to] = [current.indexOf(start), current.indexOf(end)];
if (from === -1 || to < from) throw new Error(`README.md needs the marks ${start} and ${end}`);
const wanted = `${current.slice(0, from + start.length)}${table}${current.slice(to)}`;
if (!process.argv.includes("--check")) writeFileSync(readme, wanted);
else if (current !== wanted) {
  process.stderr.write("The table in README.md is out of date: npm run document\n");
  process.exitCode = 1;
}
