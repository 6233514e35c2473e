import { z } from "zod";
import type { Context } from "../../access/context.ts";
import { DEFAULT_ORGANIZATION } from "../../access/scopePaths.ts";
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

/**
 * The cluster for a new Deployment of a Workspace, by default the default cluster. Throws BAD_USER_INPUT if it is
 * unknown, inactive or limited to other Workspaces, or if it belongs to an Organization other than the Workspace's and
 * the default one.
 */
export async function clusterForNew(
  { db }: Context,
  clusterId: string | undefined,
  workspaceId: string,
): Promise<{ id: string }> {
  const id = clusterId ?? null;
  const [found] = await db.$queryRaw<ForNew[]>`
    SELECT c.id, c.name, c.status::text AS status,
      coalesce(c."organizationId" IN (w."organizationId", ${DEFAULT_ORGANIZATION}), true) AS "isShared",
      c."platformApi"->'workspaceIds' <> '[]' AND NOT c."platformApi"->'workspaceIds' @> to_jsonb(w.id) AS "isLimited"
    FROM "Cluster" c LEFT JOIN "Workspace" w ON w.id = ${workspaceId}
    WHERE c.id = ${id}::text OR (${id}::text IS NULL AND c."isDefault") LIMIT 1`;
  if (!found?.isShared) throw badInput("clusterId", "unknown cluster");
  const { name, status, isLimited } = found;
  const reject = (problem: string) => badInput("clusterId", `cluster ${name} ${problem}; choose another one`);
  if (isLimited) throw reject("accepts no Deployments of this Workspace");
  if (status !== "ACTIVE") throw reject("is INACTIVE and accepts no new Deployments");
  return found;
}

interface ForNew extends Pick<Cluster, "id" | "name" | "status"> {
  isShared: boolean;
  /** Null if the cluster is not limited to Workspaces. */
  isLimited: boolean | null;
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
