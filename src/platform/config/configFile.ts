import { existsSync, readFileSync } from "node:fs";
import { LineCounter, parseDocument } from "yaml";
import { codeOf } from "./codeOf.ts";
import { givenIn, type Source } from "./given.ts";

/** Read if it exists and `CONFIG_FILE` is not set. */
export const DEFAULT_FILE = "./config.yaml";

/**
 * The settings in the YAML file at `named`, which must exist, or in `./config.yaml` if it exists. In a file of Helm
 * values, only `astronomer.houston.config` is read.
 */
export function readConfigFile(named: string | undefined): Source {
  const path = named ?? DEFAULT_FILE;
  const failed = (message: string): Source => ({
    given: [],
    problems: [{ key: "CONFIG_FILE", message, origin: path }],
  });
  if (named === undefined && !existsSync(path)) return { given: [], problems: [] };
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    return failed(`the file cannot be read: ${codeOf(error)}`);
  }
  const lines = new LineCounter();
  // The library's own messages quote lines of the file, which may contain secrets.
  const document = parseDocument(text, { prettyErrors: false, lineCounter: lines, logLevel: "silent" });
  const [bad] = document.errors;
  if (bad) {
    const { line, col } = lines.linePos(bad.pos[0]);
    return failed(`not valid YAML at line ${line}, column ${col}: ${bad.code}`);
  }
  let tree: unknown;
  try {
    tree = document.toJS();
  } catch {
    return failed("not valid YAML: an alias refers to no anchor, or there are too many aliases");
  }
  return givenIn(houstonPart(tree), path);
}

function houstonPart(tree: unknown): unknown {
  if (typeof tree !== "object" || tree === null || !("astronomer" in tree)) return tree;
  const values = tree as { astronomer?: { houston?: { config?: unknown } | null } | null };
  return values.astronomer?.houston?.config;
}
