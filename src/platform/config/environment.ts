import { readFileSync } from "node:fs";
import { allowedNames } from "./allowedNames.ts";
import { codeOf } from "./codeOf.ts";
import type { Source } from "./given.ts";
import { type Setting, settings } from "./settings.ts";

const FILE = "_FILE";

/**
 * The settings among environment variables; the content of the file that a `…_FILE` names counts before the variable
 * itself. An empty variable counts as not given. A variable with `__` whose first part is one of our groups must be a setting.
 */
export function readEnvironment(env: NodeJS.ProcessEnv): Source {
  const source: Source = { given: [], problems: [] };
  const direct: Source["given"] = [];
  const byFile: Source["given"] = [];
  for (const [name, text] of Object.entries(env)) {
    if (text === undefined || text === "") continue;
    const own = byName.get(name);
    const behind = name.endsWith(FILE) ? byName.get(name.slice(0, -FILE.length)) : undefined;
    if (own) {
      direct.push({ keys: own.path.split("."), value: fromText(own, text), origin: name });
    } else if (behind) {
      const problem = (message: string) => source.problems.push({ key: behind.path, message, origin: name });
      try {
        const content = readFileSync(text, "utf8").trim();
        if (content === "") problem(`must be ${behind.allowed}, but the file is empty`);
        else byFile.push({ keys: behind.path.split("."), value: fromText(behind, content), origin: name });
      } catch (error) {
        // Somebody may have put the secret itself where its file belongs, so the name of the file is not shown.
        problem(`the file it names cannot be read: ${codeOf(error)}`);
      }
    } else if (isOurs(name)) {
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

const isOurs = (name: string) => name.includes("__") && groupNames.has(firstPart(name));

function unknown(name: string): string {
  if (name.startsWith("DEPLOYMENTS__HELM__")) return "not a setting; set other keys of deployments.helm in CONFIG_FILE";
  // One underscore, so that DATABASE_URL is found too.
  const names = [...byName.keys()].filter((known) => known.startsWith(`${firstPart(name)}_`));
  return allowedNames(name, names);
}

/** `text` as the setting's type has it. Text that does not fit stays text, for the check to name. */
function fromText({ schema, fallback }: Setting, text: string): unknown {
  // A setting that is text, or may be anything, takes what stands there as it is.
  if (schema.safeParse(text).success && typeof fallback !== "number" && typeof fallback !== "boolean") return text;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "string" ? text : value;
  } catch {
    return text;
  }
}
