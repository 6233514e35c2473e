import { readFileSync } from "node:fs";
import operations from "../contract/houston-operations.json" with { type: "json" };
import roles from "../contract/roles.json" with { type: "json" };

/** A caller of the table: which kind of credential, and the one role behind it; a team member has it through a team only. */
export interface Column {
  kind: "nobody" | "bad token" | "user" | "service account" | "team member";
  role?: keyof typeof roles.roles;
  /** Whether the role is held on the Workspace or Deployment that the call is about. */
  own: boolean;
}

const decisions = readFileSync(new URL("../../docs/decisions/0002-authorization.md", import.meta.url), "utf8");

/** Where the public facts say nothing, or less than is safe: the table of what was decided, operation by operation. */
export const decided: Readonly<Record<string, string>> = Object.fromEntries(
  decisions.split("\n").flatMap((line) => {
    const [, names = "", who = "", why] = line.replaceAll("\\|", "\0").split("|");
    const fields = [...names.matchAll(/`(\w+)`/g)].map(([, field = ""]) => field);
    const keys = who.replaceAll("\0", "|").replaceAll("`", "").trim();
    return why === undefined ? [] : fields.map((field) => [field, keys]);
  }),
);

/** What the facts say about a field, with the words of the decisions: "anyone", "anyone signed in" or permission keys. */
export function stated(field: string): string | undefined {
  const fact = operations.find((one) => one.name === field)?.needsPermission?.replace(/ \(role \w+\)$/, "");
  return (fact && { none: "anyone", authenticated: "anyone signed in" }[fact]) || fact;
}

/** What a field needs, for the row of the given level: "anyone", "anyone signed in" or permission keys. */
export function needs(field: string, level: "system" | "workspace" | "deployment"): string[] {
  const needed = decided[field] ?? stated(field);
  if (!needed) throw new Error(`Nothing says who may call ${field}: add it to the table of decisions`);
  const clauses = Object.fromEntries(needed.split(";").map((clause) => clause.trim().split(": ").reverse()));
  const wanted = Object.keys(clauses).find((keys) => clauses[keys] === (level === "deployment" ? "update" : "create"));
  return (wanted ?? needed).split("|").map((key) => {
    const plain = key.replace(/\{scope of [a-zA-Z ]+\}/, level).trim();
    return plain;
  });
}

/** Whether the facts allow a caller a field that needs `keys`. */
export function allows({ kind, role, own }: Column, keys: readonly string[]): boolean {
  if (keys.includes("anyone")) return true;
  if (kind === "nobody" || kind === "bad token") return false;
  if (keys.includes("anyone signed in")) return true;
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

/** Keys of later versions: the lowest role that holds each; all system roles see clusters (docs/decisions/0006). */
export const lowestRoles: Readonly<Record<string, RoleName>> = {
  ...Object.fromEntries(roles.laterPermissions.map(({ key, lowestRole }) => [key, lowestRole as RoleName])),
  "system.clusters.get": "SYSTEM_VIEWER",
};

const holds = (role: RoleName, key: string) =>
  lowestRoles[key] === undefined
    ? (roles.roles[role].permissions as Record<string, boolean>)[key] === true
    : inherits(role, lowestRoles[key]);

/** True if `role` is `lowest` or inherits from it. */
export const inherits = (role: RoleName, lowest: RoleName): boolean =>
  role === lowest || roles.roles[role].inheritsFrom.some((parent) => inherits(parent as RoleName, lowest));
