import operations from "../contract/houston-operations.json" with { type: "json" };
import roles from "../contract/roles.json" with { type: "json" };

/** A caller of the table: which kind of credential, and the one role behind it. */
export interface Column {
  kind: "nobody" | "bad token" | "user" | "service account";
  role?: keyof typeof roles.roles;
  /** Whether the role is held on the Workspace or Deployment that the call is about. */
  own: boolean;
}

/** Where the public facts say nothing, or less than is safe: what we decided (docs/decisions/0002-authorization.md). */
const decided: Record<string, string> = {
  appConfig: "public",
  authConfig: "public",
  createUser: "public",
  createToken: "public",
  confirmEmail: "public",
  resendConfirmation: "public",
  forgotPassword: "public",
  resetPassword: "public",
  email: "authenticated",
  deployment: "deployment.config.get | system.deployments.get",
  deleteInviteToken: "workspace.iam.update | system.user.invite",
  ...Object.fromEntries(
    ["card", "addCard", "updateCard", "addCustomerId", "suspendWorkspace", "extendWorkspaceTrial"].map((name) => [
      name,
      "system.workspace.update",
    ]),
  ),
};

/** What the facts say a field needs, for the row of the given level: "public", "authenticated" or permission keys. */
export function needs(field: string, level: "system" | "workspace" | "deployment"): string[] {
  const operation = operations.find((one) => one.name === field);
  const stated = decided[field] ?? operation?.needsPermission;
  if (!stated) throw new Error(`Nothing says who may call ${field}: add it to the table of decisions`);
  const clauses = Object.fromEntries(stated.split(";").map((clause) => clause.trim().split(": ").reverse()));
  const wanted = Object.keys(clauses).find((keys) => clauses[keys] === (level === "deployment" ? "update" : "create"));
  return (wanted ?? stated).split("|").map((key) => {
    const plain = key.replace(/\{scope of [a-zA-Z ]+\}/, level).trim();
    return plain;
  });
}

/** Whether the facts allow a caller a field that needs `keys`. */
export function allows({ kind, role, own }: Column, keys: readonly string[]): boolean {
  if (keys.includes("public")) return true;
  if (kind === "nobody" || kind === "bad token") return false;
  if (keys.includes("authenticated")) return true;
  const scope = role && roles.roles[role].scope;
  const isUser = kind === "user" || scope === "system";
  return keys.some((key) => {
    if (isUser && holds("USER", key)) return true;
    if (!role) return false;
    if (scope === "system") return holds(role, key);
    if (!own || key.startsWith("system.")) return false;
    if (scope === "workspace" && key.startsWith("deployment.")) {
      // A Workspace Admin acts as Deployment Admin in the Workspace's Deployments.
      return role === "WORKSPACE_ADMIN" && holds("DEPLOYMENT_ADMIN", key);
    }
    return key.startsWith(`${scope}.`) && holds(role, key);
  });
}

const holds = (role: keyof typeof roles.roles, key: string) =>
  (roles.roles[role].permissions as Record<string, boolean>)[key] === true;
