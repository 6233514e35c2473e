import { z } from "zod";
import { integer, milliseconds } from "./setting.ts";

/** `audit.*`: the audit log. How long entries are kept is a setting of the job `auditRetention`. */
export const audit = z.strictObject({
  sealInterval: milliseconds(
    5_000,
    "Interval at which new audit entries are added to the hash chain, in milliseconds. Until then, `audit verify` does not notice their removal.",
  ),
  maxDenialsPerMinute: integer(
    300,
    "Maximum number of rows that denied changes and failed sign-ins add to the audit log in a minute, for one Houston process. Further ones are counted in one row.",
    1,
    100_000,
  ),
});
