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
  runtimeReleases: "authenticated",
  airflowReleases: "authenticated",
  airflowRelease: "system.getAirflowReleaseById",
  deploymentConfig: "authenticated",
  deployment: "deployment.config.get | system.deployments.get",
  deleteInviteToken: "workspace.iam.update | system.user.invite",
  cordonDeployment: "system.deployments.update",
  uncordonDeployment: "system.deployments.update",
  toggleWebserverReboot: "deployment.config.update",
  unadoptDeployment: "workspace.deployments.adopt",
  validateGitSyncCredentials: "update: deployment.config.update; create: workspace.deployments.create",
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

/** Keys of later versions with the lowest role that holds each. */
const later = new Map(roles.laterPermissions.map(({ key, lowestRole }) => [key, lowestRole]));
type RoleName = keyof typeof roles.roles;

function holds(role: RoleName, key: string): boolean {
  const lowest = later.get(key);
  if (lowest === undefined) return (roles.roles[role].permissions as Record<string, boolean>)[key] === true;
  return role === lowest || roles.roles[role].inheritsFrom.some((parent) => holds(parent as RoleName, key));
}
