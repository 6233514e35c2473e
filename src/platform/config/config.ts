import { isDeepStrictEqual } from "node:util";
import { check } from "./check.ts";
import { ConfigError } from "./configError.ts";
import { readConfigFile } from "./configFile.ts";
import { readEnvironment } from "./environment.ts";
import { type Given, givenIn, type Source } from "./given.ts";
import type { Config } from "./schema.ts";
import { settings } from "./settings.ts";
import { setAt, type Tree } from "./tree.ts";

export type { Component } from "./components.ts";
export { ConfigError } from "./configError.ts";
export type { Config } from "./schema.ts";
export { ensureSecrets } from "./secretsFile.ts";

/** `T` with everything optional; lists count as a whole. */
export type DeepPartial<T> = T extends readonly unknown[]
  ? T
  : T extends object
    ? { [key in keyof T]?: DeepPartial<T[key]> | undefined }
    : T;

/** A complete configuration, and a line for each thing the operator should know about it. */
export interface Loaded {
  config: Config;
  warnings: string[];
}

/**
 * All settings. What comes later counts: defaults, the file at `CONFIG_FILE` (else `./config.yaml` when it exists),
 * environment variables, the files that `…_FILE` variables name. Throws one ConfigError that lists every unknown name and
 * bad value. Secrets that nobody gave are still missing: see `ensureSecrets`.
 */
export function loadConfig(env: NodeJS.ProcessEnv = process.env): Loaded {
  return assemble([readConfigFile(env.CONFIG_FILE || undefined), readEnvironment(env)]);
}

/** The defaults with `overrides`, checked like an operator's. Reads neither files nor environment. Throws ConfigError. */
export function configFrom(overrides: DeepPartial<Config> = {}): Config {
  return assemble([givenIn(overrides, "overrides")]).config;
}

function assemble(sources: readonly Source[]): Loaded {
  const problems = sources.flatMap((source) => source.problems);
  const tree: Tree = {};
  for (const { path, fallback } of settings.values()) setAt(tree, path.split("."), structuredClone(fallback));
  const warnings = new Map<string, string>();
  for (const given of sources.flatMap((source) => source.given)) {
    const checked = check(given);
    problems.push(...checked.problems);
    if (checked.value === undefined) continue;
    setAt(tree, given.keys, checked.value);
    warn(given, checked.value, warnings);
  }
  if (problems.length > 0) throw new ConfigError(problems);
  // Every setting of the schema stands in the tree, each read by its own schema.
  return { config: tree as unknown as Config, warnings: [...warnings.values()] };
}

/** Says so when nothing reads what was given. A later source may give the default again, and then there is nothing to say. */
function warn({ keys, origin }: Given, value: unknown, warnings: Map<string, string>) {
  const path = keys.join(".");
  const setting = settings.get(path);
  if (setting?.description !== undefined) return;
  if (setting && isDeepStrictEqual(value, setting.fallback)) warnings.delete(path);
  else warnings.set(path, `${path} has no effect yet (from ${origin})`);
}
