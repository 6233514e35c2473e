import { parseCronItem } from "graphile-worker";
import { z } from "zod";
import { flag, integer, milliseconds, setting } from "./setting.ts";

const SCHEDULE = "five cron fields (minute, hour, day, month, weekday) of numbers, lists, ranges, * and */n";

function isSchedule(match: string): boolean {
  try {
    parseCronItem({ task: "any", match });
    return true;
  } catch {
    return false;
  }
}

const schedule = (fallback: string, what: string) =>
  setting(z.string().refine(isSchedule, SCHEDULE), fallback, `When ${what}, in UTC.`, { allowed: SCHEDULE });

const cleanup = (at: string, days: number, what: string, since: string) =>
  z.strictObject({
    enabled: flag(true, `Removes ${what} on schedule.`),
    schedule: schedule(at, `${what} are removed`),
    olderThan: integer(days, `Days to keep ${what} after ${since}.`, 1, 36_500),
  });

/** `syncDataplaneClusters.*`, `cleanup….*`: the scheduled jobs. */
export const jobs = {
  syncDataplaneClusters: z.strictObject({
    enabled: flag(true, "Reads the metadata of clusters on schedule; their status follows it."),
    schedule: schedule("0 * * * *", "the metadata of clusters is read"),
    timeout: milliseconds(5_000, "Time a data plane has to respond, in milliseconds. After that, it is INACTIVE."),
    allowPrivateNetworks: flag(
      true,
      "Allows data planes in private networks and on this machine. false: only at public addresses.",
    ),
  }),
  resyncDeployments: z.strictObject({
    enabled: flag(true, "Applies every Deployment to its cluster again on schedule, if a `provisioner` is set."),
    schedule: schedule("43 * * * *", "Deployments are applied again, which mends what was missed or removed by others"),
  }),
  cleanupDeployments: cleanup("0 0 * * *", 14, "soft-deleted Deployments", "their deletion"),
  cleanupDeployRevisions: cleanup("11 23 * * *", 90, "deploy revisions", "the deploy"),
  cleanupClusterAudits: cleanup("49 23 * * *", 90, "audit entries of clusters", "the change"),
  expireServiceAccounts: z.strictObject({
    enabled: flag(
      false,
      "Lets service accounts expire whose creator was removed (`ServiceAccount.creatorRemoved`), on schedule. A user who rotates the key keeps it.",
    ),
    schedule: schedule("*/10 * * * *", "such service accounts are looked for"),
    after: integer(30, "Days until the API keys of such service accounts expire.", 0, 36_500),
  }),
  rotateSigningKeys: z.strictObject({
    enabled: flag(true, "Replaces the key that signs tokens for Airflow and the image registry on schedule."),
    schedule: schedule("37 3 * * *", "the age of the key is checked"),
    after: integer(
      90,
      "Days after which a new key is created. It is published at once and signs a day later, so that all verifiers know it.",
      2,
      1_500,
    ),
  }),
  auditRetention: cleanup("29 23 * * *", 400, "audit entries", "the change"),
};
