import { isDeepStrictEqual } from "node:util";
import { PAGES_PATH } from "./addresses.ts";
import { check } from "./check.ts";
import { ConfigError } from "./configError.ts";
import { readConfigFile } from "./configFile.ts";
import { readEnvironment } from "./environment.ts";
import { type Given, givenIn, inOrder, type Source } from "./given.ts";
import { completeOwnProviders, providerProblems, settingAt } from "./ownProviders.ts";
import { namespaceProblems } from "./provisioning.ts";
import type { Config } from "./schema.ts";
import { isFree, settings } from "./settings.ts";
import { setAt, type Tree } from "./tree.ts";

export { type AddressSettings, hostUrl, NO_DOMAIN, PAGES_PATH, pagesUrl, senderOf } from "./addresses.ts";
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
  completeOwnProviders(tree);
  const originOf = (path: string) => origins.get(path) ?? "defaults";
  const config = tree as unknown as Config;
  const incomplete = [...providerProblems(config, originOf), ...namespaceProblems(config, originOf)];
  if (incomplete.length > 0) throw new ConfigError(incomplete);
  assertApart(tree as unknown as Config, origins);
  assertOutsidePages(tree as unknown as Config, origins);
  // The tree contains every setting of the schema, each parsed by its own schema.
  return { config: tree as unknown as Config, warnings: [...warnings.values()], origins };
}

/** Two schemas cannot be served at one path. A slash at the end makes no difference. */
function assertApart({ webserver: { endpoint, alphaEndpoint } }: Config, origins: ReadonlyMap<string, string>) {
  const [one, other] = [endpoint, alphaEndpoint].map((path) => path.replace(/\/+$/, ""));
  if (one !== other) return;
  const key = origins.has("webserver.alphaEndpoint") ? "webserver.alphaEndpoint" : "webserver.endpoint";
  const message = `must differ from ${key === "webserver.endpoint" ? "webserver.alphaEndpoint" : "webserver.endpoint"}`;
  throw new ConfigError([{ key, message: `${message}, not "${endpoint}"`, origin: origins.get(key) ?? "defaults" }]);
}

/** The pages for people have a path of their own. */
function assertOutsidePages({ webserver }: Config, origins: ReadonlyMap<string, string>) {
  if (!webserver.pages) return;
  for (const name of ["endpoint", "alphaEndpoint"] as const) {
    const path = webserver[name];
    if (path !== PAGES_PATH && !path.startsWith(`${PAGES_PATH}/`)) continue;
    const key = `webserver.${name}`;
    const message = `must not be ${PAGES_PATH} or below it, where the pages for people are (webserver.pages), not "${path}"`;
    throw new ConfigError([{ key, message, origin: origins.get(key) ?? "defaults" }]);
  }
}

/** Adds a warning for a setting that nothing reads; removes it if a later source sets the default again. */
function warn({ keys, name, origin }: Given, value: unknown, warnings: Map<string, string>) {
  const path = keys.join(".");
  const setting = settingAt(path);
  if (setting?.description !== undefined || isFree(path)) return;
  if (setting && isDeepStrictEqual(value, setting.fallback)) warnings.delete(path);
  else warnings.set(path, `${name} has no effect yet (from ${origin})`);
}
