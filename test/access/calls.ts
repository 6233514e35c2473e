import { type GraphQLArgument, type GraphQLField, getNamedType, isRequiredArgument } from "graphql";
import { anyInput } from "../support/anyValue.ts";
import { concerned, type Level } from "./oracle.ts";

/** The rows that the calls of the table are about. */
export interface Subject {
  workspaceId: string;
  deploymentId: string;
  releaseName: string;
  inviteId: string;
  accounts: Record<Level, string>;
}

/** One call of a field: its arguments, and the level of the row it is about; "system" if it is about none. */
export interface Call {
  level: Level;
  args: Record<string, unknown>;
}

/** The calls that show who may use a field: one, or one for each level that its arguments can be about. */
export function callsOf(field: GraphQLField<unknown, unknown>, subject: Subject): Call[] {
  const required = Object.fromEntries(
    field.args.filter(isRequiredArgument).map((arg) => [arg.name, rowOf(arg, subject)?.id ?? anyInput(arg.type)]),
  );
  const calls = special[field.name]?.(subject);
  if (calls) return calls.map(({ level, args }) => ({ level, args: { ...required, ...args } }));
  const has = (name: string) => field.args.some((arg) => arg.name === name);
  if ("entityType" in required) {
    const entityUuid = { system: "", workspace: subject.workspaceId, deployment: subject.deploymentId };
    return levels.map((level) => ({
      level,
      args: { ...required, entityType: level.toUpperCase(), entityUuid: entityUuid[level] },
    }));
  }
  if (has("serviceAccountUuid") && !has("workspaceUuid") && !has("deploymentUuid") && !field.name.includes("System")) {
    return levels.map((level) => ({ level, args: { ...required, serviceAccountUuid: subject.accounts[level] } }));
  }
  const rows = field.args.flatMap((arg) => {
    const row = rowOf(arg, subject);
    return row ? [{ name: arg.name, ...row }] : [];
  });
  // An optional row counts if it affects who may call.
  const counts = concerned(field.name);
  const level = levels.findLast((one) =>
    rows.some((row) => row.level === one && (row.name in required || counts.includes(one))),
  );
  const named = Object.fromEntries(rows.map(({ name, id }) => [name, id]));
  return [{ level: level ?? "system", args: { ...required, ...named } }];
}

const levels: readonly Level[] = ["system", "workspace", "deployment"];

/** The row that an argument identifies, if permissions can be held on it. */
function rowOf({ name, type }: GraphQLArgument, subject: Subject): { level: Level; id: unknown } | undefined {
  if (getNamedType(type).name === "DeploymentWhereUniqueInput") {
    return { level: "deployment", id: { id: subject.deploymentId } };
  }
  const rows: Record<string, { level: Level; id: string }> = {
    workspaceUuid: { level: "workspace", id: subject.workspaceId },
    inviteUuid: { level: "workspace", id: subject.inviteId },
    deploymentUuid: { level: "deployment", id: subject.deploymentId },
    deploymentId: { level: "deployment", id: subject.deploymentId },
    serviceAccountUuid: { level: "system", id: subject.accounts.system },
  };
  return rows[name];
}

/** Calls of fields that identify their row in several ways or by release name. Required arguments are added. */
const special: Record<string, (subject: Subject) => Call[]> = {
  upsertDeployment: withEither,
  validateGitSyncCredentials: withEither,
  team: withWorkspaceOrWithout,
  paginatedTeams: withWorkspaceOrWithout,
  auditLog: withWorkspaceOrWithout,
  paginatedDeployRevisions: withDeploymentOrWithout,
  deploymentStatus: byReleaseName,
  updateDeploymentImage: byReleaseName,
};

function withEither({ workspaceId: workspaceUuid, deploymentId: deploymentUuid }: Subject): Call[] {
  return [
    { level: "workspace", args: { workspaceUuid } },
    { level: "deployment", args: { deploymentUuid } },
  ];
}

function withWorkspaceOrWithout({ workspaceId: workspaceUuid }: Subject): Call[] {
  return [
    { level: "system", args: {} },
    { level: "workspace", args: { workspaceUuid } },
  ];
}

function withDeploymentOrWithout({ deploymentId: deploymentUuid }: Subject): Call[] {
  return [
    { level: "system", args: {} },
    { level: "deployment", args: { deploymentUuid } },
  ];
}

function byReleaseName({ releaseName }: Subject): Call[] {
  return [{ level: "deployment", args: { releaseName } }];
}
