import type { Prisma } from "../../../generated/prisma/client.ts";
import { ValuesError } from "../values/valuesError.ts";

/** Maximum bytes of all variables as they are stored; encrypted ones take a third more than in clear. */
const MAX_BYTES = 2 * 1024 * 1024;

/**
 * Throws a ValuesError if a Deployment that is to run has more environment variables than Kubernetes can ever take: a Secret
 * has at most 1 MiB. They are not read, because 1,000 of the longest would fill this process.
 */
export async function assertReadable(tx: Prisma.TransactionClient, deploymentId: string): Promise<void> {
  const [row] = await tx.$queryRaw<{ bytes: number | null }[]>`
    SELECT sum(octet_length(v.value))::float8 AS bytes FROM "EnvironmentVariable" v
    JOIN "Deployment" d ON d.id = v."deploymentId" AND d."deletedAt" IS NULL WHERE d.id = ${deploymentId}`;
  if ((row?.bytes ?? 0) <= MAX_BYTES) return;
  throw new ValuesError("The environment variables are too long: Kubernetes takes 1 MiB of them together");
}
