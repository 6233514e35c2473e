import type { Services } from "../../../access/context.ts";
import type { Poke } from "../jobs/provisionJob.ts";
import { ValuesError } from "../values/valuesError.ts";
import { readWish } from "../wanted/readWish.ts";
import { applyRelease } from "./applyRelease.ts";
import { assertReadable } from "./assertReadable.ts";
import { storeFailure } from "./failure.ts";
import type { Outages } from "./outages.ts";
import { removeRelease } from "./removeRelease.ts";
import { Waiting } from "./waiting.ts";

/** What reconciling needs of the server. */
export type ReconcileServices = Pick<Services, "config" | "db" | "secrets" | "log" | "now" | "connections"> & {
  outages: Outages;
};

/**
 * Makes a cluster look like the rows of a Deployment, whatever happened to either. May run any number of times. Throws if
 * it has to be tried again; `Waiting` says that this is no failure. `why` tells Flux to look again even without a change;
 * `attempt` counts the failures in a row, from 1.
 *
 * No transaction is open while it talks to Kubernetes or to the server of the databases.
 */
export async function reconcile(
  services: ReconcileServices,
  deploymentId: string,
  { why, attempt = 1, signal }: { why?: Poke | undefined; attempt?: number; signal: AbortSignal },
): Promise<void> {
  const { db, outages } = services;
  let what: "apply" | "remove" = "apply";
  try {
    const { wish, provision } = await db.$transaction(
      async (tx) => {
        await assertReadable(tx, deploymentId);
        const wish = await readWish(services, tx, deploymentId);
        return { wish, provision: await tx.provision.findUnique({ where: { id: deploymentId } }) };
      },
      { isolationLevel: "RepeatableRead" },
    );
    if (wish.kind === "run") {
      const { wanted } = wish;
      await outages.run(wanted.clusterId, () => applyRelease(services, wanted, { why, signal }), silent);
    } else if (wish.kind !== "leave" && provision) {
      const { kind } = wish;
      what = "remove";
      await outages.run(provision.clusterId, () => removeRelease(services, provision, { kind, why, signal }), silent);
    }
  } catch (error) {
    await storeFailure(services, deploymentId, { error, what, attempt });
    // Only another change helps, which adds a job of its own.
    if (error instanceof ValuesError) return;
    throw error;
  }
}

/** How long until a cluster that does not answer is tried again, in milliseconds. */
const OUTAGE = 15_000;

const silent = () => new Waiting("The cluster does not answer", OUTAGE);
