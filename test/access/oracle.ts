import operations from "../contract/houston-operations.json" with { type: "json" };
import roles from "../contract/roles.json" with { type: "json" };
import { decisions, lowestRoles as ownLowestRoles } from "./decisions.ts";
import { recorded } from "./recorded.ts";

/** A caller of the table: the kind of credential, and the caller's only role; a team member holds it only through a team. */
export interface Column {
  kind: "nobody" | "bad token" | "user" | "service account" | "team member";
  role?: keyof typeof roles.roles;
  /** Whether the role is held on the Workspace or Deployment that the call is about. */
  own: boolean;
}

export type Level = "system" | "workspace" | "deployment";

/** Permission keys, "public" or "signedIn", any one of which is enough; or such a list for each level of row. */
type Needs = readonly string[] | Partial<Record<Level, readonly string[]>>;

const listOf = (needs: Needs | string): Needs => (typeof needs === "string" ? [needs] : needs);

/** The permissions of a field in the public facts. "{scope of …}" in a key is replaced by the level of the row. */
export function stated(field: string): Needs | undefined {
  const fact = operations.find((one) => one.name === field)?.needsPermission?.replace(/ \(role \w+\)$/, "");
  if (!fact) return undefined;
  if (fact === "none") return ["public"];
  if (fact === "authenticated") return ["signedIn"];
  const keysOf = (text: string) => text.split("|").map((key) => key.trim());
  const [, create, update] = /^create: (.*); update: (.*)$/.exec(fact) ?? [];
  return create && update ? { workspace: keysOf(create), deployment: keysOf(update) } : keysOf(fact);
}

/** The permissions that were decided for a field. */
export const decided = (field: string): Needs | undefined => {
  const needs = decisions[field]?.needs;
  return needs && listOf(needs);
};

/** The decided permissions of a field, else those in the facts, else the recorded ones of a field that only Houston has. */
function needed(field: string): Needs {
  const needs = decided(field) ?? stated(field) ?? recorded(field);
  if (needs) return needs;
  throw new Error(
    `No rule for ${field}: add it to test/access/decisions.ts, or run 'npm run document' if it has a single @auth or @public`,
  );
}

/** The permissions of a field for a row of the given level. */
export const needs = (field: string, level: Level): string[] => keysAt(needed(field), level);

/** The permissions that are enough for a row of the given level. Permissions of a lower level do not apply there. */
export function keysAt(given: Needs | string, level: Level): string[] {
  const all = listOf(given);
  const keys = isList(all) ? all : (all[level] ?? []);
  const lower = levels.slice(levels.indexOf(level) + 1);
  return keys
    .map((key) => key.replace(/\{scope of [a-zA-Z ]+\}/, level))
    .filter((key) => !lower.some((one) => key.startsWith(`${one}.`)));
}

/** The levels of rows that affect who may call a field. */
export function concerned(field: string): Level[] {
  const all = needed(field);
  const keys = isList(all) ? all : Object.values(all).flat();
  return levels.filter((level) => keys.some((key) => key.startsWith(`${level}.`) || key.startsWith("{scope")));
}

const levels: readonly Level[] = ["system", "workspace", "deployment"];

const isList = (needs: Needs): needs is readonly string[] => Array.isArray(needs);

/** Whether a caller may use a field that needs `keys`, according to the facts. */
export function allows({ kind, role, own }: Column, keys: readonly string[]): boolean {
  if (keys.includes("public")) return true;
  if (kind === "nobody" || kind === "bad token") return false;
  if (keys.includes("signedIn")) return true;
  const scope = role && roles.roles[role].scope;
  const isUser = kind !== "service account" || scope === "system";
  return keys.some((key) => {
    if (isUser && holds("USER", key)) return true;
    if (!role) return false;
    if (scope === "system") return holds(role, key);
    if (!own || key.startsWith("system.")) return false;
    if (scope === "workspace" && key.startsWith("deployment.")) {
      // A Workspace Admin acts as Deployment Admin in the Workspace's Deployments (docs/decisions/0002).
      return role === "WORKSPACE_ADMIN" && holds("DEPLOYMENT_ADMIN", key);
    }
    return key.startsWith(`${scope}.`) && holds(role, key);
  });
}

type RoleName = keyof typeof roles.roles;

/** The lowest role that holds each permission of later versions and of Houston's own. */
export const lowestRoles: Readonly<Record<string, RoleName>> = {
  ...Object.fromEntries(roles.laterPermissions.map(({ key, lowestRole }) => [key, lowestRole as RoleName])),
  ...ownLowestRoles,
};

const holds = (role: RoleName, key: string) =>
  lowestRoles[key] === undefined
    ? (roles.roles[role].permissions as Record<string, boolean>)[key] === true
    : inherits(role, lowestRoles[key]);

/** True if `role` is `lowest` or inherits from it. */
export const inherits = (role: RoleName, lowest: RoleName): boolean =>
  role === lowest || roles.roles[role].inheritsFrom.some((parent) => inherits(parent as RoleName, lowest));
