import type { GraphQLResolveInfo } from "graphql";
import type { Context } from "../context.ts";
import { readOne } from "../read/read.ts";
import { answering } from "../read/readWritten.ts";
import type { Resolvers } from "../schema.ts";
import { createServiceAccount } from "./createServiceAccount.ts";
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

const create = async (ctx: Context, input: object, info: GraphQLResolveInfo) => {
  const { write, answer } = answering(ctx, info, "ServiceAccount");
  const { id } = await createServiceAccount(ctx, input, write);
  return answer(id);
};

const update = async (ctx: Context, input: object, info: GraphQLResolveInfo, home?: Home) => {
  const { id } = await updateServiceAccount(ctx, input, home);
  return readOne(ctx, info, "ServiceAccount", { id });
};

const remove = async (ctx: Context, input: Named, info: GraphQLResolveInfo, home?: Home) => {
  const { write, answer } = answering(ctx, info, "ServiceAccount");
  await deleteServiceAccount(ctx, input, home, write);
  return answer(input.serviceAccountUuid);
};

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
    createServiceAccount: (_, args: object, ctx, info) => create(ctx, args, info),
    createSystemServiceAccount: (_, args: object, ctx, info) => create(ctx, { ...args, entityType: "SYSTEM" }, info),
    createWorkspaceServiceAccount: (_, args: InWorkspace, ctx, info) =>
      create(ctx, { ...args, entityType: "WORKSPACE", entityUuid: args.workspaceUuid }, info),
    createDeploymentServiceAccount: (_, args: InDeployment, ctx, info) =>
      create(ctx, { ...args, entityType: "DEPLOYMENT", entityUuid: args.deploymentUuid }, info),
    updateServiceAccount: (_, args: object, ctx, info) => update(ctx, args, info),
    updateWorkspaceServiceAccount: (_, args: InWorkspace, ctx, info) =>
      update(ctx, args, info, workspaceHome(args.workspaceUuid)),
    updateDeploymentServiceAccount: (_, args: InDeployment, ctx, info) =>
      update(ctx, args, info, deploymentHome(args.deploymentUuid)),
    deleteServiceAccount: (_, args: Named, ctx, info) => remove(ctx, args, info),
    deleteSystemServiceAccount: (_, args: Named, ctx, info) => remove(ctx, args, info, systemHome),
    deleteWorkspaceServiceAccount: (_, args: Named & InWorkspace, ctx, info) =>
      remove(ctx, args, info, workspaceHome(args.workspaceUuid)),
    deleteDeploymentServiceAccount: (_, args: Named & InDeployment, ctx, info) =>
      remove(ctx, args, info, deploymentHome(args.deploymentUuid)),
  },
};
