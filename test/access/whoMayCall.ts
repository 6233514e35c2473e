import type { Column } from "./oracle.ts";

const ranks = ["ADMIN", "EDITOR", "VIEWER"] as const;
const kinds = ["user", "service account", "team member"] as const;

/** The scopes that a role can be held in, as the matrix names them. */
const scopes = [
  { name: "system", level: "SYSTEM", own: false },
  { name: "Workspace", level: "WORKSPACE", own: true },
  { name: "Deployment", level: "DEPLOYMENT", own: true },
  { name: "other Workspace", level: "WORKSPACE", own: false },
  { name: "other Deployment", level: "DEPLOYMENT", own: false },
] as const;

/** Callers without a role. */
const without: Column[] = [
  { kind: "nobody", own: false },
  { kind: "bad token", own: false },
  { kind: "user", own: false },
];

/** Every caller of the matrix. */
export const columns: readonly Column[] = [
  ...without,
  ...kinds.flatMap((kind) =>
    scopes.flatMap(({ level, own }) => ranks.map((rank) => ({ kind, role: `${level}_${rank}` as const, own }))),
  ),
];

/** The name of a caller in the table. */
export function nameOf({ kind, role, own }: Column): string {
  if (!role) return kind === "user" ? "user without a role" : kind;
  const place = role.startsWith("SYSTEM") ? "" : own ? " own" : " other";
  return `${kind} ${role}${place}`;
}

/** One line that names the callers who may call; unique for each set of callers. */
export function whoMayCall(allowed: ReadonlySet<Column>): string {
  if (allowed.size === columns.length) return "anyone";
  const signedIn = columns.filter(({ kind }) => kind !== "nobody" && kind !== "bad token");
  if (allowed.size === signedIn.length && signedIn.every((one) => allowed.has(one))) return "anyone signed in";
  const byRoles = Map.groupBy(kinds, (kind) => rolesOf(kind, allowed));
  const withRoles = [...byRoles].map(([roles, some]) =>
    some.length === kinds.length ? roles : `${some.map((kind) => `${kind}s`).join(" and ")}: ${roles}`,
  );
  const others = without.filter((one) => allowed.has(one)).map(nameOf);
  return [...others, ...withRoles].join("; ");
}

/** The roles with which a kind of caller may call: "system A E V · Workspace A". */
function rolesOf(kind: Column["kind"], allowed: ReadonlySet<Column>): string {
  const mine = columns.filter((one) => one.kind === kind && one.role);
  if (mine.every((one) => allowed.has(one))) return "every role";
  const parts = scopes.flatMap(({ name, level, own }) => {
    const held = ranks.filter((rank) =>
      mine.some((one) => one.role === `${level}_${rank}` && one.own === own && allowed.has(one)),
    );
    return held.length > 0 ? [`${name} ${held.map((rank) => rank[0]).join(" ")}`] : [];
  });
  return parts.join(" · ") || "no role";
}
