import { z } from "zod";
import type { Context } from "../../access/context.ts";
import type { Cluster } from "../../generated/prisma/client.ts";
import { AppError, badInput } from "../../platform/errors/appError.ts";
import { parse } from "../../platform/errors/parse.ts";
import { IdOf } from "../../platform/input/input.ts";
import { defineRead } from "../../query/defineRead.ts";

const One = z.object({ id: IdOf });

/** One cluster by id. Throws NOT_FOUND for an unknown one. */
export const cluster = defineRead({
  entity: "Cluster",
  many: false,
  toQuery: (args) => ({ where: { id: parse(One, args).id } }),
  missing: () => clusterNotFound("id"),
});

/** The cluster that a Deployment is to run on: the one named, else the default. Throws BAD_USER_INPUT for one that takes none. */
export async function clusterForNew(ctx: Context, clusterId: string | undefined): Promise<{ id: string }> {
  const found = await clusterOf(ctx, clusterId);
  if (!found) throw badInput("clusterId", "there is no such cluster");
  if (found.status === "ACTIVE") return found;
  throw badInput("clusterId", `the cluster ${found.name} is INACTIVE and takes no new Deployments; name another`);
}

/** The cluster with this id, else the default one; undefined when there is none of this id. */
export async function clusterOf(
  { db }: Context,
  id: string | undefined,
): Promise<Pick<Cluster, "id" | "name" | "status"> | undefined> {
  const [found] = await (id === undefined
    ? db.$queryRaw<Cluster[]>`SELECT id, name, status FROM "Cluster" WHERE "isDefault" LIMIT 1`
    : db.$queryRaw<Cluster[]>`SELECT id, name, status FROM "Cluster" WHERE id = ${id}`);
  return found;
}

/** Throws NOT_FOUND naming `clusterId` unless there is such a cluster; the default one is meant where none is named. */
export async function assertCluster(ctx: Context, id: string | undefined): Promise<{ id: string }> {
  const found = await clusterOf(ctx, id);
  if (!found) throw clusterNotFound("clusterId");
  return found;
}

/** A cluster that is not there; `argument` named it. */
export const clusterNotFound = (argument: string) =>
  new AppError("NOT_FOUND", `${argument}: there is no such cluster`, argument);
