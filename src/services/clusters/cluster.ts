import { z } from "zod";
import type { Context } from "../../access/context.ts";
import type { Cluster } from "../../generated/prisma/client.ts";
import { AppError, badInput } from "../../platform/errors/appError.ts";
import { parse } from "../../platform/errors/parse.ts";
import { IdOf } from "../../platform/input/input.ts";
import { defineRead } from "../../query/defineRead.ts";

const One = z.object({ id: IdOf });

/** One cluster by ID. Throws NOT_FOUND for an unknown one. */
export const cluster = defineRead({
  entity: "Cluster",
  many: false,
  toQuery: (args) => ({ where: { id: parse(One, args).id } }),
  missing: () => clusterNotFound("id"),
});

/** The cluster for a new Deployment, by default the default cluster. Throws BAD_USER_INPUT if unknown or inactive. */
export async function clusterForNew(ctx: Context, clusterId: string | undefined): Promise<{ id: string }> {
  const found = await clusterOf(ctx, clusterId);
  if (!found) throw badInput("clusterId", "unknown cluster");
  if (found.status === "ACTIVE") return found;
  throw badInput("clusterId", `cluster ${found.name} is INACTIVE and accepts no new Deployments; choose another one`);
}

/** The cluster with this ID, or the default cluster without an ID; undefined if the ID is unknown. */
export async function clusterOf(
  { db }: Context,
  id: string | undefined,
): Promise<Pick<Cluster, "id" | "name" | "status"> | undefined> {
  const [found] = await (id === undefined
    ? db.$queryRaw<Cluster[]>`SELECT id, name, status FROM "Cluster" WHERE "isDefault" LIMIT 1`
    : db.$queryRaw<Cluster[]>`SELECT id, name, status FROM "Cluster" WHERE id = ${id}`);
  return found;
}

/** The cluster with this ID, or the default cluster without an ID. Throws NOT_FOUND, naming `clusterId`, if unknown. */
export async function assertCluster(ctx: Context, id: string | undefined): Promise<{ id: string }> {
  const found = await clusterOf(ctx, id);
  if (!found) throw clusterNotFound("clusterId");
  return found;
}

/** NOT_FOUND for the unknown cluster named by `argument`. */
export const clusterNotFound = (argument: string) =>
  new AppError("NOT_FOUND", `${argument}: unknown cluster`, argument);
