import { authorize, type Caller } from "../../access/authorize.ts";
import type { Context } from "../../access/context.ts";
import { loadCaller } from "../../access/loadCaller.ts";
import { type Permission, permissions } from "../../access/permissions.ts";
import type { Roles } from "../../access/roles.ts";
import type { AuthUserResolvers } from "../../generated/resolvers.ts";
import { unauthenticated } from "../../platform/errors/appError.ts";
import { readOne } from "../../query/read.ts";
import type { IssuedToken } from "./issueToken.ts";

/** What the type AuthUser is made of: who is signed in, and the token if one was just issued. */
export interface AuthUser {
  caller: Caller;
  token: IssuedToken | null;
}

/** The person a token was just issued to, loaded as their next request will load them. */
export async function authUserOf(ctx: Context, token: IssuedToken): Promise<AuthUser> {
  const credential = { kind: "session" as const, userId: token.payload.id, sessionId: token.sessionId };
  const { caller } = await loadCaller(ctx.pool, credential, []);
  if (!caller) throw unauthenticated();
  return { caller, token };
}

/** Permission keys by scope. What stands under `system` counts everywhere. */
export interface PermissionsByScope {
  system: Permission[];
  /** By id of the Workspace. WORKSPACE_ADMIN has the keys of its Deployments here too. */
  workspace: Record<string, Permission[]>;
  /** By id of the Deployment. */
  deployment: Record<string, Permission[]>;
}

/** Everything the caller's roles allow, each key once per scope, in the order of auth/permissions.ts. */
export function permissionsByScope(roles: Roles, caller: Caller): PermissionsByScope {
  const all = Object.keys(permissions) as Permission[];
  const answer: PermissionsByScope = { system: [], workspace: {}, deployment: {} };
  const within = (bindings: Caller["bindings"]) => {
    const { workspaceId = null, deploymentId = null } = bindings[0] ?? {};
    return all.filter((key) => authorize(roles, { ...caller, bindings }, [key], { workspaceId, deploymentId }));
  };
  const scopes = Map.groupBy(caller.bindings, (binding) => binding.deploymentId ?? binding.workspaceId);
  for (const [id, bindings] of scopes) {
    if (id === null) answer.system = within(bindings);
    else if (bindings[0]?.deploymentId) answer.deployment[id] = within(bindings);
    else answer.workspace[id] = within(bindings);
  }
  return answer;
}

/** The fields of AuthUser. The person is read as they may see themselves. */
export const authUserFields: AuthUserResolvers = {
  user: ({ caller }, _args, ctx, info) =>
    caller.kind === "user" ? readOne({ ...ctx, caller }, info, "User", { id: caller.id }) : null,
  permissions: ({ caller }, _args, ctx) => permissionsByScope(ctx.roles, caller),
  isAdmin: ({ caller }) => caller.bindings.some(({ role }) => role === "SYSTEM_ADMIN"),
  authUserCapabilities: ({ caller }, _args, ctx) => ({
    canSysAdmin: authorize(ctx.roles, caller, ["system.iam.update"]),
  }),
};
