import { authorize, type Caller } from "../../access/authorize.ts";
import type { Context } from "../../access/context.ts";
import { loadCaller } from "../../access/loadCaller.ts";
import { type Permission, permissions } from "../../access/permissions.ts";
import type { Roles } from "../../access/roles.ts";
import type { AuthUserResolvers } from "../../generated/resolvers.ts";
import { actorOf } from "../../platform/audit/recordAudit.ts";
import { unauthenticated } from "../../platform/errors/appError.ts";
import { readOne } from "../../query/read.ts";
import type { IssuedToken } from "./issueToken.ts";
import { type PendingUser, pendingUser } from "./pendingUser.ts";

/** Source of the type AuthUser: the caller, and the token if one was just issued. */
export interface AuthUser {
  caller: Caller;
  token: IssuedToken | null;
  /** A user who has just signed up and is not confirmed yet: not read from the database. */
  pending?: PendingUser | undefined;
}

/** The user that a token was just issued to, loaded the same way as by their next request. */
export async function authUserOf(ctx: Context, token: IssuedToken): Promise<AuthUser> {
  const credential = { kind: "session" as const, userId: token.payload.id, sessionId: token.sessionId };
  const { caller } = await loadCaller(ctx.pool, credential, []);
  if (!caller) throw unauthenticated();
  // Whoever signs in was anonymous until now.
  ctx.origin.caller = actorOf({ caller });
  return { caller, token };
}

/** Permission keys by scope. Those in `system` apply everywhere. */
export interface PermissionsByScope {
  system: Permission[];
  /** By ID of the Workspace. WORKSPACE_ADMIN includes the keys of its Deployments. */
  workspace: Record<string, Permission[]>;
  /** By ID of the Deployment. */
  deployment: Record<string, Permission[]>;
}

/** All permissions of the caller's roles, each key once per scope, in the order of access/permissions.ts. */
export function permissionsByScope(roles: Roles, caller: Caller): PermissionsByScope {
  const all = Object.keys(permissions) as Permission[];
  const result: PermissionsByScope = { system: [], workspace: {}, deployment: {} };
  const within = (bindings: Caller["bindings"]) => {
    const { workspaceId = null, deploymentId = null } = bindings[0] ?? {};
    return all.filter((key) => authorize(roles, { ...caller, bindings }, [key], { workspaceId, deploymentId }));
  };
  const scopes = Map.groupBy(
    caller.bindings,
    (binding) => binding.deploymentId ?? binding.workspaceId ?? binding.organizationId,
  );
  for (const [id, bindings] of scopes) {
    // Roles on Organizations belong to the alpha API.
    if (bindings[0]?.organizationId) continue;
    if (id === null) result.system = within(bindings);
    else if (bindings[0]?.deploymentId) result.deployment[id] = within(bindings);
    else result.workspace[id] = within(bindings);
  }
  return result;
}

/** The fields of AuthUser. User and service account are read with their own permissions. */
export const authUserFields: AuthUserResolvers = {
  user: ({ caller, pending }, _args, ctx, info) =>
    pending
      ? pendingUser(info, pending)
      : caller.kind === "user"
        ? readOne({ ...ctx, caller }, info, "User", { id: caller.id })
        : null,
  serviceAccount: ({ caller }, _args, ctx, info) =>
    caller.kind === "serviceAccount" ? readOne(ctx, info, "ServiceAccount", { id: caller.id }) : null,
  permissions: ({ caller }, _args, ctx) => permissionsByScope(ctx.roles, caller),
  isAdmin: ({ caller }) => caller.bindings.some(({ role }) => role === "SYSTEM_ADMIN"),
  authUserCapabilities: ({ caller }, _args, ctx) => ({
    canSysAdmin: authorize(ctx.roles, caller, ["system.iam.update"]),
  }),
};
