import { authorize, type Caller } from "../../access/authorize.ts";
import type { Services } from "../../access/context.ts";
import { type LoadedCaller, type ScopeRequest, scopeKey } from "../../access/loadCaller.ts";
import type { Permission } from "../../access/permissions.ts";
import { type RegistryScope, releaseOf } from "./registryScope.ts";

/** The permissions of which one is needed for an action on a Deployment's repository. No role deletes images. */
const NEEDED: { readonly [action: string]: readonly Permission[] } = {
  // To push, a client asks for both.
  pull: ["deployment.images.pull", "system.deployments.images.push"],
  push: ["deployment.images.push", "system.deployments.images.push"],
};

/** The rows to load the caller with, for `grantAccess`. */
export const rowsOf = (wanted: readonly RegistryScope[]): ScopeRequest[] =>
  [...new Set(wanted.flatMap(({ name }) => releaseOf(name) ?? []))].map(requestOf);

/**
 * What of it the caller may do, in the order of the request and without parts of which nothing is left: a client that may
 * only pull is told so, and the registry refuses its push.
 */
export function grantAccess(
  { roles, config }: Pick<Services, "roles" | "config">,
  { caller, scopes }: { caller: Caller; scopes: LoadedCaller["scopes"] },
  wanted: readonly RegistryScope[],
): RegistryScope[] {
  const { baseImages } = config.jwt.registry;
  const may = (repository: string, action: string): boolean => {
    if (caller.kind === "anonymous") return false;
    if (baseImages.includes(repository)) {
      return action === "pull" || (action === "push" && authorize(roles, caller, ["system.registryBaseImages.push"]));
    }
    const release = releaseOf(repository);
    const scope = release === undefined ? undefined : scopes.get(scopeKey(requestOf(release)));
    const needed = Object.hasOwn(NEEDED, action) ? NEEDED[action] : undefined;
    return scope !== undefined && needed !== undefined && authorize(roles, caller, needed, scope);
  };
  return wanted
    .filter(({ type }) => type === "repository")
    .map(({ type, name, actions }) => ({ type, name, actions: actions.filter((action) => may(name, action)) }))
    .filter(({ actions }) => actions.length > 0);
}

const requestOf = (release: string): ScopeRequest => ({ kind: "DEPLOYMENT", key: release, column: "releaseName" });
