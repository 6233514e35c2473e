import { Prisma } from "../../../generated/prisma/client.ts";
import { addJobs, type JobWriter } from "./addJobs.ts";

/**
 * Adds the job of every Deployment that is to run, and of everything that is to be removed, of one cluster if given. Returns
 * their number.
 */
export async function addAllJobs(tx: JobWriter, clusterId?: string): Promise<number> {
  const onCluster = (column: Prisma.Sql) =>
    clusterId === undefined ? Prisma.empty : Prisma.sql`AND ${column} = ${clusterId}`;
  const all = Prisma.sql`
    SELECT d.id FROM "Deployment" d WHERE d."deletedAt" IS NULL ${onCluster(Prisma.sql`d."clusterId"`)}
    UNION SELECT p.id FROM "Provision" p LEFT JOIN "Deployment" d ON d.id = p.id
      WHERE (p."removedAt" IS NULL AND d."deletedAt" IS NOT NULL OR d.id IS NULL) ${onCluster(Prisma.sql`p."clusterId"`)}`;
  return addJobs(tx, all, { change: "resync" });
}
