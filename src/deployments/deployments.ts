import type { GraphQLResolveInfo } from "graphql";
import { z } from "zod";
import type { Context } from "../context.ts";
import { AppError, badInput, parse } from "../errors.ts";
import { IdOf, optional } from "../input.ts";
import { readMany, readOne, type Tree } from "../read/read.ts";
import { deploymentNotFound, otherRelease } from "./lockDeployment.ts";

const name = optional(z.string("needs a text"));
const Anywhere = z.object({ workspaceUuid: name, deploymentUuid: name, releaseName: name });
const InWorkspace = z.object({ workspaceUuid: IdOf, releaseName: name });
const One = z.object({ where: z.object({ id: name, releaseName: name }) });
const Variables = z.object({ deploymentUuid: IdOf, releaseName: name });

/** The Deployments the caller may see; all given values must hold. */
export function deployments(ctx: Context, input: unknown, info: GraphQLResolveInfo): Promise<Tree[]> {
  const { workspaceUuid: workspaceId, deploymentUuid: id, releaseName } = parse(Anywhere, input);
  return readMany(ctx, info, "Deployment", { id, workspaceId, releaseName }, { onlyVisible: true });
}

/** The Deployments of a Workspace, or the one of them with that release name. */
export function workspaceDeployments(ctx: Context, input: unknown, info: GraphQLResolveInfo): Promise<Tree[]> {
  const { workspaceUuid: workspaceId, releaseName } = parse(InWorkspace, input);
  return readMany(ctx, info, "Deployment", { workspaceId, releaseName });
}

/** One Deployment of a Workspace. Throws NOT_FOUND when the Workspace has no such release, wherever else it may be. */
export async function workspaceDeployment(ctx: Context, input: unknown, info: GraphQLResolveInfo): Promise<Tree> {
  const { workspaceUuid: workspaceId, releaseName } = parse(InWorkspace, input);
  if (releaseName === undefined) throw badInput("releaseName", "is needed");
  const found = await readOne(ctx, info, "Deployment", { workspaceId, releaseName });
  if (found) return found;
  throw new AppError("NOT_FOUND", "releaseName: the Workspace has no Deployment of this name", "releaseName");
}

/** One Deployment, by exactly one of id and release name. */
export function deployment(ctx: Context, input: unknown, info: GraphQLResolveInfo): Promise<Tree | null> {
  const { where } = parse(One, input);
  if (where.id !== undefined && where.releaseName !== undefined) {
    throw badInput("where", "needs either id or releaseName, not both");
  }
  return readOne(ctx, info, "Deployment", where);
}

/** The variables of a Deployment by key. Throws BAD_USER_INPUT when the release name is given and belongs to another. */
export async function deploymentVariables(ctx: Context, input: unknown, info: GraphQLResolveInfo): Promise<Tree[]> {
  const { deploymentUuid: deploymentId, releaseName } = parse(Variables, input);
  const named =
    releaseName === undefined
      ? undefined
      : { table: "Deployment", theirs: "id", ours: "deploymentId", where: { releaseName } };
  const variables = await readMany(ctx, info, "EnvironmentVariable", { deploymentId, named });
  if (releaseName === undefined || variables.length > 0) return variables;
  // An empty list has two reasons; only then they are told apart.
  const stored = await ctx.db.deployment.findFirst({ where: { id: deploymentId, deletedAt: null } });
  if (!stored) throw deploymentNotFound();
  if (stored.releaseName !== releaseName) throw otherRelease();
  return variables;
}
