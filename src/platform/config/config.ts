import { isDeepStrictEqual } from "node:util";
import { check } from "./check.ts";
import { ConfigError } from "./configError.ts";
import { readConfigFile } from "./configFile.ts";
import { readEnvironment } from "./environment.ts";
import { type Given, givenIn, inOrder, type Source } from "./given.ts";
import type { Config } from "./schema.ts";
import { settings } from "./settings.ts";
import { setAt, type Tree } from "./tree.ts";

export { type AddressSettings, hostUrl, pagesUrl, senderOf } from "./addresses.ts";
export type { Component } from "./components.ts";
export { ConfigError } from "./configError.ts";
export { printConfig } from "./printConfig.ts";
export type { Config } from "./schema.ts";
export { ensureSecrets } from "./secretsFile.ts";

/** `T` with every property optional; lists are replaced as a whole. */
export type DeepPartial<T> = T extends readonly unknown[]
  ? T
  : T extends object
    ? { [key in keyof T]?: DeepPartial<T[key]> | undefined }
    : T;

/** A complete configuration, and warnings for the operator. */
export interface Loaded {
  config: Config;
  warnings: string[];
  /** Where each value that is not a default came from, by the path of its setting. */
  origins: ReadonlyMap<string, string>;
}

/**
 * All settings. Later sources take precedence: defaults, the file at `CONFIG_FILE` (or `./config.yaml` if it exists),
 * environment variables, the files named by `…_FILE` variables. Within a source, the name of a setting in 2.x takes
 * precedence over its name in 1.x. Throws one ConfigError that lists every unknown name and invalid value. Secrets that
 * are not configured are still missing: see `ensureSecrets`.
 */
export function loadConfig(env: NodeJS.ProcessEnv = process.env): Loaded {
  return assemble([readConfigFile(env.CONFIG_FILE || undefined), readEnvironment(env)]);
}

/**
 * The defaults with `overrides`, validated like an operator's file. Reads no files or variables. Throws ConfigError.
 */
export function configFrom(overrides: DeepPartial<Config> = {}): Config {
  return assemble([givenIn(overrides, "overrides")]).config;
}

function assemble(sources: readonly Source[]): Loaded {
  const problems = sources.flatMap((source) => source.problems);
  const tree: Tree = {};
  for (const { path, fallback } of settings.values()) setAt(tree, path.split("."), structuredClone(fallback));
  const warnings = new Map<string, string>();
  const origins = new Map<string, string>();
  for (const given of sources.flatMap(inOrder)) {
    const checked = check(given);
    problems.push(...checked.problems);
    if (checked.value === undefined) continue;
    setAt(tree, given.keys, checked.value);
    origins.set(given.keys.join("."), given.origin);
    warn(given, checked.value, warnings);
  }
  if (problems.length > 0) throw new ConfigError(problems);
  // The tree contains every setting of the schema, each parsed by its own schema.
  return { config: tree as unknown as Config, warnings: [...warnings.values()], origins };
}

/** Adds a warning for a setting that nothing reads; removes it if a later source sets the default again. */
function warn({ keys, name, origin }: Given, value: unknown, warnings: Map<string, string>) {
  const path = keys.join(".");
  const setting = settings.get(path);
  if (setting?.description !== undefined) return;
  if (setting && isDeepStrictEqual(value, setting.fallback)) warnings.delete(path);
  else warnings.set(path, `${name} has no effect yet (from ${origin})`);
}
