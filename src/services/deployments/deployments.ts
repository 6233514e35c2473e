import type { GraphQLResolveInfo } from "graphql";
import { z } from "zod";
import type { Context } from "../../access/context.ts";
import { AppError, badInput } from "../../platform/errors/appError.ts";
import { parse } from "../../platform/errors/parse.ts";
import { IdOf, optional } from "../../platform/input/input.ts";
import { defineRead } from "../../query/defineRead.ts";
import { readMany, type Tree } from "../../query/read.ts";
import { deploymentNotFound, otherRelease } from "./changes/lockDeployment.ts";

const name = optional(z.string("must be a string"));
const Anywhere = z.object({ workspaceUuid: name, deploymentUuid: name, releaseName: name });
const InWorkspace = z.object({ workspaceUuid: IdOf, releaseName: name });
const One = z.object({ where: z.object({ id: name, releaseName: name }) });
const Variables = z.object({ deploymentUuid: IdOf, releaseName: name });

/** The Deployments the caller may see that match all given values. */
export const deployments = defineRead({
  entity: "Deployment",
  many: true,
  onlyVisible: true,
  toQuery(args) {
    const { workspaceUuid: workspaceId, deploymentUuid: id, releaseName } = parse(Anywhere, args);
    return { where: { id, workspaceId, releaseName } };
  },
});

/** The Deployments of a Workspace, optionally only the one with the given release name. */
export const workspaceDeployments = defineRead({
  entity: "Deployment",
  many: true,
  toQuery(args) {
    const { workspaceUuid: workspaceId, releaseName } = parse(InWorkspace, args);
    return { where: { workspaceId, releaseName } };
  },
});

/** One Deployment of a Workspace. Throws NOT_FOUND if the Workspace has no such release, even if another one has. */
export const workspaceDeployment = defineRead({
  entity: "Deployment",
  many: false,
  toQuery(args) {
    const { workspaceUuid: workspaceId, releaseName } = parse(InWorkspace, args);
    if (releaseName === undefined) throw badInput("releaseName", "is required");
    return { where: { workspaceId, releaseName } };
  },
  missing: () =>
    new AppError("NOT_FOUND", "releaseName: the Workspace has no Deployment with this release name", "releaseName"),
});

/** One Deployment, by exactly one of ID and release name. */
export const deployment = defineRead({
  entity: "Deployment",
  many: false,
  toQuery(args) {
    const { where } = parse(One, args);
    if (where.id !== undefined && where.releaseName !== undefined) {
      throw badInput("where", "must contain either id or releaseName, not both");
    }
    return { where };
  },
});

/** The environment variables of a Deployment. Throws BAD_USER_INPUT for the release name of another Deployment. */
export async function deploymentVariables(
  ctx: Context,
  input: unknown,
  info: GraphQLResolveInfo,
): Promise<Tree<"EnvironmentVariable">[]> {
  const { deploymentUuid: deploymentId, releaseName } = parse(Variables, input);
  const variables = await readMany(ctx, info, "EnvironmentVariable", {
    deploymentId,
    also: [
      releaseName === undefined
        ? undefined
        : { table: "Deployment", theirs: "id", ours: "deploymentId", where: { releaseName } },
    ],
  });
  if (releaseName === undefined || variables.length > 0) return variables;
  // An empty list has two possible reasons; a second query tells them apart.
  const stored = await ctx.db.deployment.findFirst({ where: { id: deploymentId, deletedAt: null } });
  if (!stored) throw deploymentNotFound();
  if (stored.releaseName !== releaseName) throw otherRelease();
  return variables;
}
