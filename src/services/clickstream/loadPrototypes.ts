import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { z } from "zod";
import { isMapping } from "../../platform/config/tree.ts";
import { formatOf } from "./formats.ts";
import { problemsWith } from "./problemsWith.ts";
import { type Field, Prototype } from "./prototype.ts";

/**
 * The prototypes in the JSON files of a folder, sorted by code. Throws an error that names file and field if one is
 * invalid, and if there is none.
 */
export function loadPrototypes(folder: string): readonly Prototype[] {
  const files = readdirSync(folder).filter((name) => name.endsWith(".json"));
  if (files.length === 0) throw new Error(`Clickstream prototypes: ${folder} contains no .json file`);
  return files.sort().map((name) => load(join(folder, name)));
}

function load(path: string): Prototype {
  const name = basename(path);
  const content = parseJson(readFileSync(path, "utf8"), name);
  const result = Prototype.safeParse(content);
  if (!result.success) {
    const lines = result.error.issues.map((issue) => `${placeOf(issue, content)}: ${issue.message}`);
    throw invalid(name, lines);
  }
  const problems = problemsIn(result.data, basename(name, ".json"));
  if (problems.length > 0) throw invalid(name, problems);
  return result.data;
}

const invalid = (name: string, lines: readonly string[]) =>
  new Error(`Clickstream prototype ${name} is invalid: ${lines.join("; ")}`);

function parseJson(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalid(name, [(error as Error).message]);
  }
}

/** Where the problem is, with the name of the property instead of its index. */
function placeOf({ path }: z.core.$ZodIssue, content: unknown): string {
  const [list, index, ...rest] = path;
  const fields = isMapping(content) && typeof list === "string" ? content[list] : undefined;
  const field: unknown = Array.isArray(fields) && typeof index === "number" ? fields[index] : undefined;
  const named = isMapping(field) && typeof field.propertyName === "string" ? field.propertyName : index;
  return [list ?? "file", named, ...rest].filter((part) => part !== undefined).join(".");
}

/** The rules that concern several properties of the file. */
function problemsIn({ id, code, connectionPrototype, configPrototype }: Prototype, fileName: string): string[] {
  const problems = (list: string, fields: readonly Field[], rule: (field: Field) => string | undefined) =>
    fields.flatMap((field, index) => {
      const isRepeated = fields.findIndex(({ propertyName }) => propertyName === field.propertyName) < index;
      const found = isRepeated ? ["propertyName: is already in use"] : [defaultProblem(field), rule(field)];
      return found.filter((one) => one !== undefined).map((one) => `${list}.${field.propertyName}.${one}`);
    });
  return [
    ...(code === fileName ? [] : ["code: must be the name of the file"]),
    ...(id.replace(/-\d+$/, "") === code ? [] : [`id: must be ${code}- and a version`]),
    ...problems("connectionPrototype", connectionPrototype, connectionProblem),
    ...problems("configPrototype", configPrototype, configProblem),
  ];
}

function defaultProblem(field: Field): string | undefined {
  if (field.default === undefined) return undefined;
  if (field.required) return "default: is not possible, because the property is required";
  const [problem] = problemsWith(field, field.default);
  return problem && `default: ${problem.message}`;
}

/** Names of secrets: apiKey, password, clientSecret. */
const secretName = /(secret|password|passphrase|token|credentials?|(api|access|private|secret|signing|write)key)$/i;

/** Words in names that say where something is sent to, as in baseUrl, dataCenter and regions. */
const destinationWords = new Set(
  "url uri host hostname endpoint region residency domain subdomain server proxy port address center bucket".split(" "),
);

/** The words of a camelCase name, with and without a plural s. */
function wordsOf(name: string): string[] {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .split(" ");
  return [...words, ...words.map((word) => word.replace(/s$/, ""))];
}

function connectionProblem(field: Field): string | undefined {
  const isSecret = field.type === "input" && field.secret;
  if (isSecret && (field.default !== undefined || field.options)) {
    return "secret: is not possible with default or options, which everybody can read";
  }
  return secretName.test(field.propertyName) && !isSecret ? "secret: must be true, judging by the name" : undefined;
}

/**
 * Users may change the config of an Integration without being able to read its Connection. They must not get at a
 * secret by it, nor send it elsewhere.
 */
function configProblem(field: Field): string | undefined {
  const value = "values" in field ? field.values : field;
  if ((field.type === "input" && field.secret) || secretName.test(field.propertyName)) {
    return "secret: belongs to connectionPrototype";
  }
  if (value.type === "input" && value.format !== undefined && formatOf(value.format).isDestination) {
    return "format: says where data is sent to, which belongs to connectionPrototype";
  }
  return wordsOf(field.propertyName).some((word) => destinationWords.has(word))
    ? "propertyName: says where data is sent to, which belongs to connectionPrototype"
    : undefined;
}
