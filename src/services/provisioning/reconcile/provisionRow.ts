import type { Prisma, Provision } from "../../../generated/prisma/client.ts";
import type { SecretBox } from "../../../platform/secrets/secretBox.ts";
import type { WantedState } from "../wanted/readWish.ts";
import type { WantedDeployment } from "../wanted/wanted.ts";
import { newReleaseKeys } from "./releaseKeys.ts";

/** The row of a Deployment that is to run, created with new keys at its first run. */
export async function provisionOf(
  tx: Prisma.TransactionClient,
  box: SecretBox,
  { id, clusterId, releaseName, namespace }: WantedState,
): Promise<Provision & { keys: string }> {
  await tx.provision.createMany({
    data: { id, clusterId, releaseName, namespace, keys: newReleaseKeys(box, id) },
    skipDuplicates: true,
  });
  return (await tx.provision.findUniqueOrThrow({ where: { id } })) as Provision & { keys: string };
}

/** A revision of the wanted state, and what Flux does if upgrading to it fails. */
export type Revision = Pick<Provision, "revision" | "onFailedUpgrade">;

/**
 * The revision of a state: that of the row if the state is the same, else the next one, which is stored. Migrations of
 * Airflow's database are not taken back by a rollback of Helm, so an upgrade to another Airflow version is retried, and so
 * is what follows until that version `runs`: a rollback goes back to the last one that did.
 */
export async function revisionOf(
  tx: Prisma.TransactionClient,
  stored: Provision,
  { airflowVersion }: Pick<WantedDeployment, "airflowVersion">,
  digest: string,
  runs: () => Promise<boolean>,
): Promise<Revision> {
  if (stored.digest === digest) return stored;
  const isTried = stored.airflowVersion !== airflowVersion || (stored.onFailedUpgrade === "retry" && !(await runs()));
  const data = {
    digest,
    airflowVersion,
    revision: stored.revision + 1,
    onFailedUpgrade: isTried ? "retry" : "rollback",
  };
  return tx.provision.update({ where: { id: stored.id }, data });
}
