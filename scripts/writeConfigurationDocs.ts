import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { inverted } from "../src/platform/config/names2x.ts";
import { envOf, nameIn2x, type Setting, settings } from "../src/platform/config/settings.ts";

// Writes docs/configuration.md from the settings and their descriptions. `--check` writes nothing and exits 1 if the
// file is out of date.

const target = new URL("../docs/configuration.md", import.meta.url);

const intro = `# Configuration

Every setting has a default, so \`npm start\` works without any configuration. Values come from the following sources; a
later source takes precedence:

1. The default.
2. The YAML file at \`CONFIG_FILE\`, or \`./config.yaml\` if it exists. If the file contains Helm values, only
   \`astronomer.houston.config\` is read; in any other file, the settings are at the top level.
3. The environment variable: \`WEBSERVER__PORT\` for \`webserver.port\`, \`JWT__AUTH_DURATION\` for \`jwt.authDuration\`, and
   \`DATABASE_URL\` for \`database.url\`.
4. The content of the file named by the same variable with the suffix \`_FILE\` (\`JWT__SECRET_FILE\`), without surrounding
   white space.

In environment variables, lists and mappings are written as JSON. An empty variable counts as omitted, as does \`null\` in
the file for a setting that cannot be null.

Houston does not start if the file contains an unknown name, if an unknown variable begins with one of the groups below
(\`WEBSERVER__PROT\`), or if a value is not allowed. It reports all problems at once, with their sources and the allowed
values. Secrets are never shown. \`deployments.helm\` accepts any keys: it is laid over the values that Houston writes
for the Airflow chart (\`flux.profile\`), but for what nobody changed.

Platforms from 2.0 on have other names for some settings, listed below as "2.x". Houston accepts both names in the file,
in the environment and in overrides. If one source or override contains both, the name in 2.x takes precedence.
`;

const code = (text: string) => `\`${text.replaceAll("|", "\\|")}\``;
const cell = (text: string) => text.replaceAll("|", "\\|");

/** The names in 2.x, if they differ. */
function in2x({ path }: Setting): string {
  const name = nameIn2x(path);
  if (name === path) return "";
  return `<br>2.x: ${code(name)}${inverted.has(path) ? " (the opposite)" : ""}<br>${code(envOf(name))}`;
}

const row = (...cells: string[]) => `| ${cells.join(" | ")} |`;
const fallback = (setting: Setting) => code(JSON.stringify(setting.fallback));

/** Longer defaults would make the table unreadable, so they follow it. */
const LONG = 80;
const isLong = (setting: Setting) => JSON.stringify(setting.fallback).length > LONG;

function section(group: string, members: Setting[]): string {
  const lines = members.map((setting) =>
    row(
      `${code(setting.path)}<br>${code(setting.env)}${in2x(setting)}`,
      isLong(setting) ? "see below" : fallback(setting),
      cell(setting.allowed),
      cell(setting.description ?? ""),
    ),
  );
  const long = members.filter(isLong).map((setting) => {
    const value = Array.isArray(setting.fallback)
      ? `[\n${setting.fallback.map((item) => `  ${JSON.stringify(item)}`).join(",\n")}\n]`
      : JSON.stringify(setting.fallback, null, 2);
    return `\nDefault of ${code(setting.path)}:\n\n\`\`\`json\n${value}\n\`\`\`\n`;
  });
  const table = [row("setting", "default", "allowed values", "description"), row("---", "---", "---", "---"), ...lines];
  return `\n## ${group}\n\n${table.join("\n")}\n${long.join("")}`;
}

function acceptedSection(members: Setting[]): string {
  const lines = members.map((setting) => row(code(setting.path) + in2x(setting), fallback(setting)));
  return `
## Accepted without effect

Settings of earlier versions that Houston does not read yet. You can leave them in your configuration: their types are
checked, and Houston logs a warning at startup for each one that differs from its default.

${[row("setting", "default"), row("---", "---"), ...lines].join("\n")}
`;
}

function page(): string {
  const all = [...settings.values()];
  const groupOf = (setting: Setting) => (setting.path.includes(".") ? setting.path.split(".", 1).join() : "General");
  const read = Map.groupBy(
    all.filter((setting) => setting.description !== undefined),
    (setting) => (setting.path === "roles" ? "roles" : groupOf(setting)),
  );
  const sections = [...read].map(([group, members]) => section(group, members));
  return intro + sections.join("") + acceptedSection(all.filter((setting) => setting.description === undefined));
}

const wanted = page();
const current = existsSync(target) ? readFileSync(target, "utf8") : "";
if (!process.argv.includes("--check")) writeFileSync(target, wanted);
else if (current !== wanted) {
  process.stderr.write("docs/configuration.md is out of date; run 'npm run document'\n");
  process.exitCode = 1;
}
