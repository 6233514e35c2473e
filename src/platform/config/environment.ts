import { existsSync, readFileSync } from "node:fs";
import { allowedNames } from "./allowedNames.ts";
import { codeOf } from "./codeOf.ts";
import { givenAs, type Source } from "./given.ts";
import { nameAt, nameOfVariable } from "./ownProviders.ts";
import { type Setting, variables } from "./settings.ts";

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
    const given = nameOfVariable(name);
    const givenByFile = name.endsWith(FILE) ? nameOfVariable(name.slice(0, -FILE.length)) : undefined;
    if (given !== undefined) {
      direct.push(givenAs(given, fromText(settingOf(given), text), name));
    } else if (givenByFile !== undefined) {
      const problem = (message: string) => source.problems.push({ key: givenByFile, message, origin: name });
      const setting = settingOf(givenByFile);
      try {
        const content = readFileSync(text, "utf8").trim();
        if (content === "") problem(`must be ${setting.allowed}, but the file is empty`);
        else byFile.push(givenAs(givenByFile, fromText(setting, content), name));
      } catch (error) {
        const [file, hidden] = isPath(text)
          ? [`the file ${text}`, ""]
          : ["the file it names", " (the name is not shown: it may be the secret itself)"];
        problem(`${file} cannot be read: ${codeOf(error)}${hidden}`);
      }
    } else if (isInOurGroup(name)) {
      source.problems.push({ key: name, message: unknown(name), origin: "the environment" });
    }
  }
  source.given.push(...direct, ...byFile);
  return source;
}

/** Whether a variable names a file for sure, and does not contain the secret by mistake: it begins with a folder. */
function isPath(text: string): boolean {
  const [, first] = /^(\/?[^/]+)\/./.exec(text) ?? [];
  return first !== undefined && existsSync(first);
}

function settingOf(name: string): Setting {
  const found = nameAt(name);
  if (!found) throw new Error(`${name} is the name of no setting`);
  return found.setting;
}

const groupNames = new Set([...variables.keys()].filter((name) => name.includes("__")).map(firstPart));

function firstPart(name: string): string {
  return name.slice(0, name.indexOf("__"));
}

const isInOurGroup = (name: string) => name.includes("__") && groupNames.has(firstPart(name));

function unknown(name: string): string {
  if (name.startsWith("DEPLOYMENTS__HELM__")) return "not a setting; set other keys of deployments.helm in CONFIG_FILE";
  // One underscore, so that DATABASE_URL is found too.
  const candidates = [...variables.keys()].filter((candidate) => candidate.startsWith(`${firstPart(name)}_`));
  return allowedNames(name, candidates);
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
