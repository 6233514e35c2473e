import type { Claims } from "./profile.ts";

/**
 * The groups in the first of the claims that have them, each name once, without the slash that Keycloak puts before the path of
 * a group. undefined if the provider left them out because there are too many ("overage" of Microsoft): they are not known
 * then. A missing claim means that there are none: providers leave the claim out then.
 */
export function groupsIn(all: readonly Claims[], path: string): readonly string[] | undefined {
  if (all.some((claims) => isLeftOut(claims, path))) return undefined;
  const found = all.map((claims) => claimAt(claims, path)).find((value) => value !== undefined);
  const names = Array.isArray(found) ? found : [found];
  const groups = names.filter((name) => typeof name === "string").map((name) => name.replace(/^\//, "").trim());
  return [...new Set(groups)].filter((name) => name !== "");
}

/** Whether any of the claims has the groups, or says that they were left out. */
export const hasGroups = (all: readonly Claims[], path: string): boolean =>
  all.some((claims) => isLeftOut(claims, path) || claimAt(claims, path) !== undefined);

function isLeftOut(claims: Claims, path: string): boolean {
  const elsewhere = claims._claim_names;
  const isElsewhere = typeof elsewhere === "object" && elsewhere !== null && Object.hasOwn(elsewhere, path);
  return isElsewhere || claims.hasgroups === true || claims.hasgroups === "true";
}

/** The claim with this name, which may contain dots, or else the nested one that the dots lead to. */
function claimAt(claims: Claims, path: string): unknown {
  if (Object.hasOwn(claims, path)) return claims[path];
  return path
    .split(".")
    .reduce<unknown>(
      (value, key) =>
        typeof value === "object" && value !== null && Object.hasOwn(value, key)
          ? (value as Record<string, unknown>)[key]
          : undefined,
      claims,
    );
}
