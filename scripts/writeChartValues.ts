import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { stringify } from "yaml";

// Writes charts/houston/values.yaml from the descriptions and defaults in values.schema.json. `--check` writes nothing
// and exits 1 if the file is out of date.

const folder = new URL("../charts/houston/", import.meta.url);
const target = new URL("values.yaml", folder);

/** Width of the comments, like that of all prose. */
const WIDTH = 120;

/** A value as the schema describes it: a group has values below it, and everything else a default. */
interface Value {
  description?: string;
  default?: unknown;
  properties?: Record<string, Value>;
}

function comment(text: string, indent: string): string {
  const lines = [""];
  for (const word of text.split(" ")) {
    const line = `${lines.at(-1)} ${word}`;
    if (`${indent}#${line}`.length <= WIDTH) lines[lines.length - 1] = line;
    else lines.push(` ${word}`);
  }
  return lines.map((line) => `${indent}#${line}\n`).join("");
}

/** The YAML of the values in `properties`, those without a default left out. */
function written(properties: Record<string, Value>, indent = ""): string {
  return Object.entries(properties)
    .map(([name, value]) => {
      const said = comment(value.description ?? "", indent);
      if (value.default !== undefined) {
        const yaml = stringify({ [name]: value.default }, { lineWidth: 0 });
        return said + yaml.replaceAll(/^(?=.)/gm, indent);
      }
      const below = value.properties && written(value.properties, `${indent}  `);
      return below ? `${said}${indent}${name}:\n${below}` : "";
    })
    .join(indent === "" ? "\n" : "");
}

const schema: Value = JSON.parse(readFileSync(new URL("values.schema.json", folder), "utf8"));
const head = "# Written from values.schema.json by `npm run document`.\n";
const wanted = `${head}\n${written(schema.properties ?? {}).trimStart()}`;
const current = existsSync(target) ? readFileSync(target, "utf8") : "";
if (!process.argv.includes("--check")) writeFileSync(target, wanted);
else if (current !== wanted) {
  process.stderr.write("charts/houston/values.yaml is out of date; run 'npm run document'\n");
  process.exitCode = 1;
}
