import { type GraphQLArgument, type GraphQLField, isNonNullType, isRequiredArgument } from "graphql";

/** The rows a call of the table is about. */
export interface Subject {
  workspaceId: string;
  deploymentId: string;
  releaseName: string;
  inviteId: string;
  accounts: Record<Level, string>;
}

export type Level = "system" | "workspace" | "deployment";

/** One call of a field: its arguments, and the level of the row it is about. */
export interface Call {
  level: Level;
  args: Record<string, unknown>;
}

/** The calls that show who may use a field: one, or one for each level that its arguments can be about. */
export function callsOf(field: GraphQLField<unknown, unknown>, subject: Subject): Call[] {
  const fixed = Object.fromEntries(
    field.args
      .filter((arg) => isRequiredArgument(arg) || arg.name in naming(subject))
      .map((arg) => [arg.name, argumentValue(arg, subject)]),
  );
  const has = (name: string) => field.args.some((arg) => arg.name === name);
  const levels: Level[] = ["system", "workspace", "deployment"];
  if (field.name === "upsertDeployment") {
    return [
      { level: "workspace", args: { workspaceUuid: subject.workspaceId } },
      { level: "deployment", args: { deploymentUuid: subject.deploymentId } },
    ];
  }
  if (field.name === "deploymentStatus") {
    return [{ level: "deployment", args: { releaseName: subject.releaseName } }];
  }
  if (field.name === "validateGitSyncCredentials") {
    const { workspaceUuid, deploymentUuid, ...rest } = fixed;
    return [
      { level: "workspace", args: { ...rest, workspaceUuid } },
      { level: "deployment", args: { ...rest, deploymentUuid } },
    ];
  }
  if (field.name === "updateDeploymentImage") {
    return [{ level: "deployment", args: { releaseName: subject.releaseName, image: "text" } }];
  }
  if (has("entityType")) {
    const { serviceAccountUuid: _, ...rest } = fixed;
    const id = { system: "", workspace: subject.workspaceId, deployment: subject.deploymentId };
    return levels.map((level) => ({
      level,
      args: { ...rest, entityType: level.toUpperCase(), entityUuid: id[level] },
    }));
  }
  if (has("serviceAccountUuid") && !has("workspaceUuid") && !has("deploymentUuid") && !field.name.includes("System")) {
    return levels.map((level) => ({ level, args: { ...fixed, serviceAccountUuid: subject.accounts[level] } }));
  }
  return [{ level: has("deploymentUuid") || has("deploymentId") ? "deployment" : "workspace", args: fixed }];
}

const naming = (subject: Subject): Record<string, unknown> => ({
  workspaceUuid: subject.workspaceId,
  deploymentUuid: subject.deploymentId,
  deploymentId: subject.deploymentId,
  inviteUuid: subject.inviteId,
  serviceAccountUuid: subject.accounts.system,
});

/** A value of the argument's type; only the ones that name rows matter here. */
function argumentValue(arg: GraphQLArgument, subject: Subject): unknown {
  const named = naming(subject)[arg.name];
  if (named !== undefined) return named;
  if (arg.name === "where") return { id: subject.deploymentId };
  const type = (isNonNullType(arg.type) ? arg.type.ofType : arg.type).toString();
  const values: Record<string, unknown> = {
    Role: "USER",
    JSON: {},
    UserSearch: { email: "nobody@example.com" },
    Int: 60_000,
    Boolean: true,
    "[UserImportInput!]": [],
    "[InputEnvironmentVariable]": [],
  };
  return values[type] ?? "text";
}
