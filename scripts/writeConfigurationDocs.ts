import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { type Setting, settings } from "../src/platform/config/settings.ts";

// Writes docs/configuration.md from what the settings say about themselves. `--check` writes nothing and exits 1 when
// the file is out of date.

const target = new URL("../docs/configuration.md", import.meta.url);

const intro = `# Configuration

Every setting has a default; \`npm start\` needs none. What comes later in this list counts:

1. the default,
2. the YAML file that \`CONFIG_FILE\` names, else \`./config.yaml\` when it exists. In a file of Helm values only
   \`astronomer.houston.config\` is read, in any other file the settings stand at the top,
3. the environment variable: \`webserver.port\` is \`WEBSERVER__PORT\`, \`jwt.authDuration\` is \`JWT__AUTH_DURATION\`, and
   \`database.url\` is \`DATABASE_URL\`,
4. the content of the file that the same name with \`_FILE\` names (\`JWT__SECRET_FILE\`), without white space around it.

Lists and mappings are written as JSON in environment variables. An empty variable counts as not given, and so does
\`null\` in the file for a setting that cannot be null.

Houston does not start with an unknown name in the file, an unknown variable whose first part is one of the groups below
(\`WEBSERVER__PROT\`), or a value that is not allowed. It then lists all of them at once, where they came from and what is
allowed; secrets are never shown. \`deployments.helm\` may hold any keys.
`;

const code = (text: string) => `\`${text.replaceAll("|", "\\|")}\``;
const cell = (text: string) => text.replaceAll("|", "\\|");
const row = (...cells: string[]) => `| ${cells.join(" | ")} |`;
const fallback = (setting: Setting) => code(JSON.stringify(setting.fallback));

/** Long defaults make a table unreadable, so they follow it. */
const LONG = 80;
const isLong = (setting: Setting) => JSON.stringify(setting.fallback).length > LONG;

function section(group: string, members: Setting[]): string {
  const lines = members.map((setting) =>
    row(
      `${code(setting.path)}<br>${code(setting.env)}`,
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
  const table = [row("setting", "default", "allowed", "what it does"), row("---", "---", "---", "---"), ...lines];
  return `\n## ${group}\n\n${table.join("\n")}\n${long.join("")}`;
}

function acceptedSection(members: Setting[]): string {
  const lines = members.map((setting) => row(code(setting.path), fallback(setting)));
  return `
## Accepted without effect

Settings of earlier versions that Houston does not read yet. They may stay where they are: their type is checked, and one
that differs from its default is named in a warning at the start.

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
  process.stderr.write("docs/configuration.md is out of date: npm run document\n");
  process.exitCode = 1;
}
