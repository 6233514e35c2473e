import { readFileSync } from "node:fs";
import { allowedNames } from "./allowedNames.ts";
import { codeOf } from "./codeOf.ts";
import type { Source } from "./given.ts";
import { type Setting, settings } from "./settings.ts";

const FILE = "_FILE";

/**
 * The settings in environment variables. The content of a file named by a `…_FILE` variable takes precedence over the
 * variable itself. An empty variable counts as not set. A variable with `__` whose first part is one of our groups must
 * be a setting.
 */
export function readEnvironment(env: NodeJS.ProcessEnv): Source {
  const source: Source = { given: [], problems: [] };
  const direct: Source["given"] = [];
  const byFile: Source["given"] = [];
  for (const [name, text] of Object.entries(env)) {
    if (text === undefined || text === "") continue;
    const setting = byName.get(name);
    const fileSetting = name.endsWith(FILE) ? byName.get(name.slice(0, -FILE.length)) : undefined;
    if (setting) {
      direct.push({ keys: setting.path.split("."), value: fromText(setting, text), origin: name });
    } else if (fileSetting) {
      const problem = (message: string) => source.problems.push({ key: fileSetting.path, message, origin: name });
      try {
        const content = readFileSync(text, "utf8").trim();
        if (content === "") problem(`must be ${fileSetting.allowed}, but the file is empty`);
        else byFile.push({ keys: fileSetting.path.split("."), value: fromText(fileSetting, content), origin: name });
      } catch (error) {
        // The variable may contain the secret itself by mistake, so the name of the file is not shown.
        problem(`the file it names cannot be read: ${codeOf(error)}`);
      }
    } else if (isInOurGroup(name)) {
      source.problems.push({ key: name, message: unknown(name), origin: "the environment" });
    }
  }
  source.given.push(...direct, ...byFile);
  return source;
}

const byName = new Map([...settings.values()].map((setting) => [setting.env, setting]));
const groupNames = new Set([...byName.keys()].filter((name) => name.includes("__")).map(firstPart));

function firstPart(name: string): string {
  return name.slice(0, name.indexOf("__"));
}

const isInOurGroup = (name: string) => name.includes("__") && groupNames.has(firstPart(name));

function unknown(name: string): string {
  if (name.startsWith("DEPLOYMENTS__HELM__")) return "not a setting; set other keys of deployments.helm in CONFIG_FILE";
  // One underscore, so that DATABASE_URL is found too.
  const names = [...byName.keys()].filter((candidate) => candidate.startsWith(`${firstPart(name)}_`));
  return allowedNames(name, names);
}

/** Converts `text` to the type of the setting. Text that does not fit stays text, and the check reports it. */
function fromText({ schema, fallback }: Setting, text: string): unknown {
  // A setting that is a string, or may be anything, uses the text unchanged.
  if (schema.safeParse(text).success && typeof fallback !== "number" && typeof fallback !== "boolean") return text;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "string" ? text : value;
  } catch {
    return text;
  }
}
