import type { GraphQLResolveInfo } from "graphql";
import { z } from "zod";
import type { Context } from "../../access/context.ts";
import { parse } from "../../platform/errors/parse.ts";
import { IdOf, optional } from "../../platform/input/input.ts";
import { defineRead } from "../../query/defineRead.ts";
import { readOne, type Tree } from "../../query/read.ts";
import { accountNotFound, deploymentHome, EntityType, type Home, homeOf, workspaceHome } from "./serviceAccount.ts";

const InWorkspace = z.object({ workspaceUuid: IdOf });
const InDeployment = z.object({ deploymentUuid: IdOf });
const Input = z.object({
  serviceAccountUuid: optional(z.string("must be an ID")),
  entityType: EntityType,
  entityUuid: optional(z.string("must be an ID")),
});

/** The accounts of one scope, optionally only the one with the given ID. Throws NOT_FOUND if that is not in the scope. */
export const serviceAccounts = defineRead({
  entity: "ServiceAccount",
  many: true,
  toQuery(args) {
    const { serviceAccountUuid: id, entityType, entityUuid } = parse(Input, args);
    return { where: { ...homeOf(entityType, entityUuid), id } };
  },
  missing: (args) => (parse(Input, args).serviceAccountUuid === undefined ? undefined : accountNotFound()),
});

/** The accounts of a Workspace, without those of its Deployments. */
export const workspaceServiceAccounts = defineRead({
  entity: "ServiceAccount",
  many: true,
  toQuery: (args) => ({ where: { ...workspaceHome(parse(InWorkspace, args).workspaceUuid) } }),
});

/** The accounts of a Deployment. */
export const deploymentServiceAccounts = defineRead({
  entity: "ServiceAccount",
  many: true,
  toQuery: (args) => ({ where: { ...deploymentHome(parse(InDeployment, args).deploymentUuid) } }),
});

/** One account, which must belong to `home` if that is given. Throws NOT_FOUND otherwise. */
export async function serviceAccount(
  ctx: Context,
  info: GraphQLResolveInfo,
  id: string,
  home?: Home,
): Promise<Tree<"ServiceAccount">> {
  const row = await readOne(ctx, info, "ServiceAccount", { ...home, id });
  if (!row) throw accountNotFound();
  return row;
}
