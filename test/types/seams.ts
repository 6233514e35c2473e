// What must not compile, where strings name columns and fields. `npm run check:types` fails when one of these lines is no error any
// more; nothing here runs.
import type { GraphQLResolveInfo } from "graphql";
import type { Context } from "../../src/access/context.ts";
import type { Resolvers } from "../../src/generated/resolvers.ts";
import { countRows } from "../../src/query/countRows.ts";
import { defineRead } from "../../src/query/defineRead.ts";
import { defineWrite } from "../../src/query/defineWrite.ts";
import type { Entity, Field } from "../../src/query/entity.ts";
import type { Entities } from "../../src/query/entityOf.ts";
import { readMany, readOne } from "../../src/query/read.ts";
import type { Right } from "../../src/query/rights.ts";
import { readThen, thenRead, thenReadNamed } from "../../src/query/thenRead.ts";
import type { Also, Where } from "../../src/query/where.ts";
import { createServiceAccount } from "../../src/services/serviceAccounts/createServiceAccount.ts";

declare const ctx: Context;
declare const info: GraphQLResolveInfo;
declare const label: string;

const byUuid = (args: { uuid: string }) => ({ uuid: args.uuid });
const byBoth = (args: { uuid: string }) => ({ id: args.uuid, uuid: args.uuid });
const useCase = async () => ({ id: label });

/** Conditions. */
export const conditions = [
  defineRead({
    entity: "Workspace",
    many: true,
    // @ts-expect-error: no such column
    toQuery: () => ({ where: { labell: label } }),
  }),
  defineRead({
    entity: "Workspace",
    many: true,
    // @ts-expect-error: no such column, next to one that exists
    toQuery: () => ({ where: { id: label, labell: label } }),
  }),
  defineRead({
    entity: "Workspace",
    many: false,
    // @ts-expect-error: a column of another table
    toQuery: () => ({ where: { releaseName: label } }),
  }),
  defineRead({
    entity: "Workspace",
    many: false,
    // @ts-expect-error: the value is of another type
    toQuery: () => ({ where: { active: label } }),
  }),
  defineRead({
    entity: "Team",
    many: true,
    // @ts-expect-error: pages are ordered by columns
    toQuery: () => ({ where: {}, page: { take: 1, order: { by: ["titel"], descending: false } } }),
  }),
  // @ts-expect-error: no such type
  defineRead({ entity: "Workspaces", many: true, toQuery: () => ({ where: {} }) }),
  // @ts-expect-error: no such column
  readOne(ctx, info, "Workspace", { labell: label }),
  // @ts-expect-error: no such column, next to one that exists
  readOne(ctx, info, "Workspace", { id: label, labell: label }),
  // @ts-expect-error: no such column
  readMany(ctx, info, "User", { userName: label }),
  // @ts-expect-error: no such column
  countRows(ctx, info, "Team", { label }),
  // @ts-expect-error: no such column
  thenReadNamed("Workspace", byUuid, useCase),
  // @ts-expect-error: no such column, next to one that exists
  readThen("Workspace", byBoth, useCase),
];

/** Conditions beyond columns. */
export const others: Also<"Workspace">[] = [
  { table: "RoleBinding", theirs: "workspaceId", ours: "id", where: { userId: label } },
  { anyOf: ["label"], contains: label },
  { json: "properties", key: "any", equals: label },
  // @ts-expect-error: no such table
  { table: "RoleBindings", theirs: "workspaceId", ours: "id", where: {} },
  // @ts-expect-error: no such column there
  { table: "RoleBinding", theirs: "workspaceIdd", ours: "id", where: {} },
  // @ts-expect-error: no such column here
  { table: "RoleBinding", theirs: "workspaceId", ours: "workspaceId", where: {} },
  // @ts-expect-error: no such column there
  { table: "RoleBinding", theirs: "workspaceId", ours: "id", where: { user: label } },
  // @ts-expect-error: no such column
  { anyOf: ["name"], contains: label },
  // @ts-expect-error: no such column
  { json: "property", key: "any", equals: label },
];

// @ts-expect-error: conditions beyond columns stand under `also`
export const beside: Where<"Workspace"> = { member: others[0] };

/** Relations. */
export const fields: Record<string, Field<"Workspace">> = {
  deployments: { many: "Deployment", theirs: "workspaceId" },
  // @ts-expect-error: no such column there
  roleBindings: { many: "RoleBinding", theirs: "workspaceIdd" },
  // @ts-expect-error: a column of yet another table
  invites: { many: "Invite", theirs: "deploymentId" },
  // @ts-expect-error: no such type
  sessions: { many: "Sessions", theirs: "userId" },
  // @ts-expect-error: no such table
  viaTable: { many: "User", theirs: "id", via: { table: "RoleBindings", ours: "workspaceId", to: "userId" } },
  // @ts-expect-error: no such column
  viaOurs: { many: "User", theirs: "id", via: { table: "RoleBinding", ours: "workspace", to: "userId" } },
  // @ts-expect-error: no such column
  viaTo: { many: "User", theirs: "id", via: { table: "RoleBinding", ours: "workspaceId", to: "user" } },
  // @ts-expect-error: no such column here
  user: { one: "User", ours: "userId" },
  // @ts-expect-error: no such column here
  uuid: { column: "uuid" },
  // @ts-expect-error: no such column here
  made: { from: ["uuid"], make: () => null },
  // @ts-expect-error: a Workspace is its own scope
  may: { may: { canDelete: [{ permission: "workspace.config.delete", workspace: "workspaceId" }] } },
};

/** Rights. */
export const rights: Right<"Team">[] = [
  { through: { table: "TeamMember", theirs: "teamId", ours: "id", rights: [{ caller: "userId" }] } },
  // @ts-expect-error: no such column here
  { caller: "userId" },
  // @ts-expect-error: no such column here
  { permission: "workspace.teams.get", workspace: "workspaceId" },
  // @ts-expect-error: no such column here
  { permission: "system.teams.get", of: "teamId" },
  // @ts-expect-error: no such table
  { through: { table: "Members", theirs: "teamId", ours: "id", rights: [] } },
  // @ts-expect-error: no such column there
  { through: { table: "TeamMember", theirs: "team", ours: "id", rights: [] } },
  // @ts-expect-error: no such column here
  { through: { table: "TeamMember", theirs: "teamId", ours: "teamId", rights: [] } },
  // @ts-expect-error: no such column there
  { through: { table: "TeamMember", theirs: "teamId", ours: "id", rights: [{ caller: "id" }] } },
];

const invite: Entity<"Invite"> = { table: "Invite", visible: [], scope: {}, order: "$row.id", fields: {} };

export const entities: Partial<Entities> = {
  // @ts-expect-error: the entity of another table
  Workspace: invite,
};

export const definitions: Partial<Entity<"Invite">>[] = [
  // @ts-expect-error: no such column
  { scope: { deployment: "deploymentId" } },
  // @ts-expect-error: no such column
  { subjects: ["userId"] },
];

const users = defineRead({ entity: "User", many: true, toQuery: () => ({ where: {} }) });
const user = defineRead({ entity: "User", many: false, toQuery: () => ({ where: {} }) });

// @ts-expect-error: no such field
export const unknownField: Resolvers = { Mutation: { updateWorkspaces: thenRead("Workspace", useCase) } };

// @ts-expect-error: no such type
export const unknownType: Resolvers = { Workspaces: {} };

/** Resolvers. */
export const resolvers: Resolvers = {
  Query: {
    users,
    workspaceUser: user,
    // @ts-expect-error: a list for a list
    deploymentUsers: user,
    // @ts-expect-error: users are no Workspaces
    workspaces: users,
    // @ts-expect-error: not what the type looks like
    updateAvailable: async () => ({ version: 2 }),
  },
  Mutation: {
    // @ts-expect-error: a number is no Workspace
    updateWorkspace: async () => 42,
    // @ts-expect-error: rows come from the read module only
    createWorkspace: async () => ({ id: label, label }),
    // @ts-expect-error: a Deployment is no Workspace
    suspendWorkspace: thenRead("Deployment", useCase),
    // @ts-expect-error: no such argument
    deleteDeployment: readThen("Deployment", ({ uuid: id }) => ({ id }), useCase),
    // @ts-expect-error: a service account is no invitation
    inviteUser: defineWrite(createServiceAccount, (args) => args),
    // @ts-expect-error: no such argument
    logout: (_, args) => args.token,
  },
  Subscription: {
    // @ts-expect-error: not what the events look like
    deploymentStatus: { subscribe: async function* none() {}, resolve: () => 42 },
  },
};
