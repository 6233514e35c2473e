import type { Problem } from "./configError.ts";
import type { Config } from "./schema.ts";
import { envOf, groups, type Name, names, type Setting, settings, variables } from "./settings.ts";
import { at, isMapping, setAt, type Tree } from "./tree.ts";

/** Identity providers may have other names than those with settings of their own: then they have the settings of this one. */
const TEMPLATE = "auth.openidConnect.custom";
const OWN = /^(auth\.openidConnect\.([a-z][a-z0-9-]{0,39}))(?:\.(.+))?$/;
const OWN_VARIABLE = /^AUTH__OPENID_CONNECT__([A-Z][A-Z0-9_]{0,39}?)__(.+)$/;

/** Names of teams that no such provider keeps. */
const RESERVED: ReadonlySet<string> = new Set(["local", "github"]);

/** The path in the settings of `custom`; undefined unless `path` is below a provider with another name. */
function templateOf(path: string): string | undefined {
  const [, group = "", name = "", rest] = OWN.exec(path) ?? [];
  if (group === "" || RESERVED.has(name) || groups.has(group) || names.has(group)) return undefined;
  return rest === undefined ? TEMPLATE : `${TEMPLATE}.${rest}`;
}

/** The setting with this path, also one of a provider with a name of its own. */
export function settingAt(path: string): Setting | undefined {
  const found = settings.get(path);
  if (found) return found;
  const template = settings.get(templateOf(path) ?? "");
  return template && { ...template, path, env: envOf(path) };
}

/** The same for a name of a setting. */
export function nameAt(path: string): Name | undefined {
  const found = names.get(path);
  if (found) return found;
  const setting = settingAt(path);
  return setting && { setting, newer: false, inverted: false };
}

/** The names directly below a group; undefined for what is no group. */
export const groupAt = (path: string): ReadonlySet<string> | undefined =>
  groups.get(path) ?? groups.get(templateOf(path) ?? "-");

/** The name of a setting that an environment variable gives. `-` in the name of a provider is `_` there. */
export function nameOfVariable(variable: string): string | undefined {
  const found = variables.get(variable);
  if (found !== undefined) return found;
  const [, own = "", rest] = OWN_VARIABLE.exec(variable) ?? [];
  const template = variables.get(`AUTH__OPENID_CONNECT__CUSTOM__${rest}`);
  const name = own.toLowerCase().replaceAll("_", "-");
  const path = template?.replace(TEMPLATE, `auth.openidConnect.${name}`);
  return path !== undefined && settingAt(path) ? path : undefined;
}

/** Adds the defaults of what a provider with a name of its own was not given. */
export function completeOwnProviders(tree: Tree): void {
  const openid = at(tree, ["auth", "openidConnect"]);
  for (const [name, given] of Object.entries(isMapping(openid) ? openid : {})) {
    if (templateOf(`auth.openidConnect.${name}`) === undefined || !isMapping(given)) continue;
    for (const { path, fallback } of settings.values()) {
      if (!path.startsWith(`${TEMPLATE}.`)) continue;
      const keys = path.slice(TEMPLATE.length + 1).split(".");
      const isName = keys.join(".") === "displayName";
      if (at(given, keys) === undefined) setAt(given, keys, isName ? name : structuredClone(fallback));
    }
  }
}

/** Addresses of Microsoft that stand for several tenants. */
const SEVERAL_TENANTS = /^https:\/\/login\.microsoftonline\.[a-z]+\/(common|organizations|consumers)(\/|$)/;

/** What is missing for the enabled providers. */
export function providerProblems({ auth, webserver }: Config, originOf: (path: string) => string): Problem[] {
  const problems: Problem[] = [];
  const add = (key: string, message: string) => problems.push({ key, message, origin: originOf(key) });
  const enabled = Object.entries({ ...auth.openidConnect, github: auth.github }).filter(
    ([, value]) => isMapping(value) && value.enabled === true && "clientId" in value,
  );
  for (const [name, value] of enabled as [string, Tree][]) {
    const path = name === "github" ? "auth.github" : `auth.openidConnect.${name}`;
    if (!webserver.pages) add(`${path}.enabled`, "must be false without webserver.pages, where people sign in");
    const needed = name === "github" ? ["clientId", "clientSecret"] : ["clientId", "discoveryUrl"];
    for (const key of needed) {
      if (value[key] === null) add(`${path}.${key}`, `is required, because ${path}.enabled is true`);
    }
  }
  const { microsoft } = auth.openidConnect;
  if (microsoft.enabled && microsoft.tenants.length === 0 && SEVERAL_TENANTS.test(microsoft.discoveryUrl ?? "")) {
    add("auth.openidConnect.microsoft.tenants", "is required, because discoveryUrl is that of several tenants");
  }
  return problems;
}
