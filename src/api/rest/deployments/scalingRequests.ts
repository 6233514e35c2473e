import { z } from "zod";
import { Cron } from "../../../platform/input/cron.ts";
import { Flag } from "../../../platform/input/input.ts";
import { IpRange } from "./ipRange.ts";
import { textOf } from "./texts.ts";

/** Where tasks may run outside of the platform. */
export const RemoteExecution = z
  .strictObject({
    enabled: Flag,
    allowedIpAddressRanges: z
      .array(IpRange, "must be a list of IP address ranges")
      .max(1000, "must be a list of at most 1,000 IP address ranges")
      .optional(),
    taskLogBucket: textOf(2048).optional(),
    taskLogUrlPattern: textOf(2048).optional(),
  })
  .describe("Stored; nothing runs elsewhere yet.")
  .meta({ id: "DeploymentRemoteExecutionRequest" });

const UNTIL = "must be a time from the year 1 to 9999 such as 2030-12-31T23:59:59Z";

/** Whether PostgreSQL can read the time: up to nanoseconds, and at most 14 hours from UTC, as all time zones are. */
function isTime(text: string): boolean {
  const [, year, offset = "0"] = /^(\d{4})-[\d-]{5}T[\d:]{8}(?:\.\d{1,9})?(?:Z|[+-](\d\d):\d\d)$/.exec(text) ?? [];
  if (year === undefined || year === "0000" || Number(offset) > 14) return false;
  return z.iso.datetime({ offset: true }).safeParse(text).success;
}

const HibernationOverride = z
  .strictObject({
    isHibernating: Flag.optional(),
    overrideUntil: z.string(UNTIL).refine(isTime, UNTIL).optional(),
  })
  .refine(
    ({ isHibernating, overrideUntil }) => (isHibernating === undefined) === (overrideUntil === undefined),
    "must contain both isHibernating and overrideUntil, or neither",
  )
  .meta({ id: "DeploymentHibernationOverrideRequest" });

const MAX_NOTE = 1000;
const NOTE = "must be a string of at most 1,000 characters";

/** A schedule, in requests and in answers; hence its limits are not part of the document. */
export const HibernationSchedule = z
  .strictObject({
    description: z
      .string(NOTE)
      .refine((text) => text.length <= MAX_NOTE, NOTE)
      .optional(),
    hibernateAtCron: Cron.describe("When to hibernate, in UTC: a cron expression of five fields."),
    wakeAtCron: Cron.describe("When to wake up, in UTC: a cron expression of five fields."),
    isEnabled: Flag,
  })
  .meta({ id: "DeploymentHibernationSchedule" });

/** When a Deployment hibernates. */
export const ScalingSpec = z
  .strictObject({
    hibernationSpec: z
      .strictObject({
        override: HibernationOverride.optional(),
        schedules: z
          .array(HibernationSchedule, "must be a list of schedules")
          .max(100, "must be a list of at most 100 schedules")
          .optional(),
      })
      .meta({ id: "DeploymentHibernationSpecRequest" })
      .optional(),
  })
  .describe("Stored; nothing hibernates yet.")
  .meta({ id: "DeploymentScalingSpecRequest" });
