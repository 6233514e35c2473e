import type { Prisma } from "../../generated/prisma/client.ts";

/** The alerts that fire, of which the recipients know: when each began, by its fingerprint. */
export type Firing = Record<string, string>;

/** What is stored of one group of Alertmanager's for the same recipients. */
export interface AlertGroup {
  /** Two reports of the group that arrive together wait for each other. */
  lock(): Promise<Firing | undefined>;
  store(firing: Firing): Promise<unknown>;
  remove(): Promise<unknown>;
}

/** Of the recipients of a Deployment. */
export function deploymentGroup(
  tx: Prisma.TransactionClient,
  which: { deploymentId: string; groupHash: string },
): AlertGroup {
  const { deploymentId, groupHash } = which;
  const where = { deploymentId_groupHash: which };
  return {
    async lock() {
      await tx.alertGroup.createMany({ data: which, skipDuplicates: true });
      const [known] = await tx.$queryRaw<{ firing: Firing }[]>`
        SELECT firing FROM "AlertGroup" WHERE "deploymentId" = ${deploymentId} AND "groupHash" = ${groupHash} FOR UPDATE`;
      return known?.firing;
    },
    store: (firing) => tx.alertGroup.update({ where, data: { firing } }),
    remove: () => tx.alertGroup.delete({ where }),
  };
}

/** Of those who are told of the platform's alerts. */
export function platformGroup(tx: Prisma.TransactionClient, groupHash: string): AlertGroup {
  const where = { groupHash };
  return {
    async lock() {
      await tx.platformAlertGroup.createMany({ data: { groupHash }, skipDuplicates: true });
      const [known] = await tx.$queryRaw<{ firing: Firing }[]>`
        SELECT firing FROM "PlatformAlertGroup" WHERE "groupHash" = ${groupHash} FOR UPDATE`;
      return known?.firing;
    },
    store: (firing) => tx.platformAlertGroup.update({ where, data: { firing } }),
    remove: () => tx.platformAlertGroup.delete({ where }),
  };
}
