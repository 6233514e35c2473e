import type { GraphQLResolveInfo } from "graphql";
import type { Context } from "../../access/context.ts";
import type { Resolvers } from "../../generated/resolvers.ts";
import { defineWrite, type WriteDefinition } from "../../query/defineWrite.ts";
import { readOne } from "../../query/read.ts";
import { thenRead } from "../../query/thenRead.ts";
import { createServiceAccount, createServiceAccountOutsideDeployment } from "./createServiceAccount.ts";
import { deleteServiceAccount } from "./deleteServiceAccount.ts";
import { revokePreviousServiceAccountKey, rotateServiceAccountKey } from "./rotateServiceAccountKey.ts";
import { deploymentHome, type Home, systemHome, workspaceHome } from "./serviceAccount.ts";
import { serviceAccountKeys } from "./serviceAccountKeys.ts";
import {
  deploymentServiceAccounts,
  serviceAccount,
  serviceAccounts,
  workspaceServiceAccounts,
} from "./serviceAccounts.ts";
import { updateServiceAccount } from "./updateServiceAccount.ts";

const update = async (ctx: Context, input: object, info: GraphQLResolveInfo, home?: Home) => {
  const { id } = await updateServiceAccount(ctx, input, home);
  return readOne(ctx, info, "ServiceAccount", { id });
};

const create = <Args extends object>(how: WriteDefinition<"ServiceAccount">, homeOf: (args: Args) => object) =>
  defineWrite(how, (args: Args) => ({ ...args, ...homeOf(args) }));

const remove = <Args extends object>(homeOf: (args: Args) => Home | undefined) =>
  defineWrite(deleteServiceAccount, (args: Args) => ({ ...args, home: homeOf(args) }));

export const resolvers: Resolvers = {
  Query: {
    serviceAccounts,
    workspaceServiceAccounts,
    workspaceServiceAccount: (_, args, ctx, info) =>
      serviceAccount(ctx, info, args.serviceAccountUuid, workspaceHome(args.workspaceUuid)),
    serviceAccountKeys,
    deploymentServiceAccounts,
    deploymentServiceAccount: (_, args, ctx, info) =>
      serviceAccount(ctx, info, args.serviceAccountUuid, deploymentHome(args.deploymentUuid)),
  },
  Mutation: {
    createServiceAccount: create(createServiceAccount, () => ({})),
    createSystemServiceAccount: create(createServiceAccountOutsideDeployment, () => ({ entityType: "SYSTEM" })),
    createWorkspaceServiceAccount: create(createServiceAccountOutsideDeployment, ({ workspaceUuid }) => ({
      entityType: "WORKSPACE",
      entityUuid: workspaceUuid,
    })),
    createDeploymentServiceAccount: create(createServiceAccount, ({ deploymentUuid }) => ({
      entityType: "DEPLOYMENT",
      entityUuid: deploymentUuid,
    })),
    updateServiceAccount: (_, args, ctx, info) => update(ctx, args, info),
    updateWorkspaceServiceAccount: (_, args, ctx, info) => update(ctx, args, info, workspaceHome(args.workspaceUuid)),
    updateDeploymentServiceAccount: (_, args, ctx, info) =>
      update(ctx, args, info, deploymentHome(args.deploymentUuid)),
    rotateServiceAccountKey,
    revokePreviousServiceAccountKey: thenRead("ServiceAccount", revokePreviousServiceAccountKey),
    deleteServiceAccount: remove(() => undefined),
    deleteSystemServiceAccount: remove(() => systemHome),
    deleteWorkspaceServiceAccount: remove(({ workspaceUuid }) => workspaceHome(workspaceUuid)),
    deleteDeploymentServiceAccount: remove(({ deploymentUuid }) => deploymentHome(deploymentUuid)),
  },
};
