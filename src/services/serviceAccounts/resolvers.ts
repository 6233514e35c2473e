import type { GraphQLResolveInfo } from "graphql";
import type { Context } from "../../access/context.ts";
import { defineWrite, type WriteDefinition } from "../../query/defineWrite.ts";
import { readOne } from "../../query/read.ts";
import type { Resolvers } from "../../query/resolvers.ts";
import { createServiceAccount, createServiceAccountOutsideDeployment } from "./createServiceAccount.ts";
import { deleteServiceAccount } from "./deleteServiceAccount.ts";
import { deploymentHome, type Home, systemHome, workspaceHome } from "./serviceAccount.ts";
import {
  deploymentServiceAccounts,
  serviceAccount,
  serviceAccounts,
  workspaceServiceAccounts,
} from "./serviceAccounts.ts";
import { updateServiceAccount } from "./updateServiceAccount.ts";

interface Named {
  serviceAccountUuid: string;
}
interface InWorkspace {
  workspaceUuid: string;
}
interface InDeployment {
  deploymentUuid: string;
}

const update = async (ctx: Context, input: object, info: GraphQLResolveInfo, home?: Home) => {
  const { id } = await updateServiceAccount(ctx, input, home);
  return readOne(ctx, info, "ServiceAccount", { id });
};

const create = (how: WriteDefinition, homeOf: (args: never) => object) =>
  defineWrite(how, (args: object) => ({ ...args, ...homeOf(args as never) }));

const remove = (homeOf: (args: never) => Home | undefined) =>
  defineWrite(deleteServiceAccount, (args: Named) => ({ ...args, home: homeOf(args as never) }));

export const resolvers: Resolvers = {
  Query: {
    serviceAccounts,
    workspaceServiceAccounts,
    workspaceServiceAccount: (_, args: Named & InWorkspace, ctx, info) =>
      serviceAccount(ctx, info, args.serviceAccountUuid, workspaceHome(args.workspaceUuid)),
    deploymentServiceAccounts,
    deploymentServiceAccount: (_, args: Named & InDeployment, ctx, info) =>
      serviceAccount(ctx, info, args.serviceAccountUuid, deploymentHome(args.deploymentUuid)),
  },
  Mutation: {
    createServiceAccount: create(createServiceAccount, () => ({})),
    createSystemServiceAccount: create(createServiceAccountOutsideDeployment, () => ({ entityType: "SYSTEM" })),
    createWorkspaceServiceAccount: create(createServiceAccountOutsideDeployment, ({ workspaceUuid }: InWorkspace) => ({
      entityType: "WORKSPACE",
      entityUuid: workspaceUuid,
    })),
    createDeploymentServiceAccount: create(createServiceAccount, ({ deploymentUuid }: InDeployment) => ({
      entityType: "DEPLOYMENT",
      entityUuid: deploymentUuid,
    })),
    updateServiceAccount: (_, args: object, ctx, info) => update(ctx, args, info),
    updateWorkspaceServiceAccount: (_, args: InWorkspace, ctx, info) =>
      update(ctx, args, info, workspaceHome(args.workspaceUuid)),
    updateDeploymentServiceAccount: (_, args: InDeployment, ctx, info) =>
      update(ctx, args, info, deploymentHome(args.deploymentUuid)),
    deleteServiceAccount: remove(() => undefined),
    deleteSystemServiceAccount: remove(() => systemHome),
    deleteWorkspaceServiceAccount: remove(({ workspaceUuid }: InWorkspace) => workspaceHome(workspaceUuid)),
    deleteDeploymentServiceAccount: remove(({ deploymentUuid }: InDeployment) => deploymentHome(deploymentUuid)),
  },
};
