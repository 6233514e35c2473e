import { z } from "zod";
import type { Context } from "../../../access/context.ts";
import { recordAudit } from "../../../platform/audit/recordAudit.ts";
import { settingName } from "../../../platform/config/configTree.ts";
import { AppError, badInput } from "../../../platform/errors/appError.ts";
import { parse } from "../../../platform/errors/parse.ts";
import { optional } from "../../../platform/input/input.ts";
import { clusterUnavailable, notConnected } from "../../provisioning/clusters/clusterUnavailable.ts";
import { createCleanupJobs } from "./createCleanupJobs.ts";

const DAYS = "must be a whole number of days from 1 to 36,500";
const PROVIDER = "must be one of aws, gcp, azure, local";
const PATH = "must be an absolute path of at most 1,024 letters, digits and . _ - /, without ..";
const BUCKET = "must be the name of a bucket: 3 to 63 lower-case letters, digits and . _ -";
const SECRET = "must be the name of a Kubernetes Secret: at most 253 lower-case letters, digits, hyphens and dots";
const TABLES = "must be table names separated by commas, at most 100: lower-case letters, digits and _";

const Input = z.object({
  olderThan: optional(z.int(DAYS).min(1, DAYS).max(36_500, DAYS)),
  dryRun: z.boolean("must be true or false").nullish(),
  outputPath: optional(
    z
      .string(PATH)
      .max(1024, PATH)
      .regex(/^\/[\w./-]*$/, { error: PATH, abort: true })
      .refine((path) => !path.split("/").includes(".."), PATH),
  ),
  dropArchives: z.boolean("must be true or false").nullish(),
  provider: optional(z.enum(["aws", "gcp", "azure", "local"], PROVIDER)),
  bucketName: optional(z.string(BUCKET).regex(/^[a-z0-9][a-z0-9._-]{1,61}[a-z0-9]$/, BUCKET)),
  providerEnvSecretName: optional(
    z
      .string(SECRET)
      .max(253, SECRET)
      .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/, SECRET),
  ),
  tables: optional(z.string(TABLES).regex(/^ *[a-z_][a-z0-9_]{0,62}( *, *[a-z_][a-z0-9_]{0,62}){0,99} *$/, TABLES)),
});

/** The age of rows to remove, in days, unless another is given. */
const DEFAULT_DAYS = 365;
const DAY = 86_400_000;

const WHAT = "clean up the databases of the Airflows on them";

/**
 * Starts to remove old rows from the metadata databases of all Deployments that Houston runs: true once each has a Job for it.
 * Throws FEATURE_DISABLED while `deployments.cleanupAirflowDb.enabled` is false, BAD_USER_INPUT for invalid options and for a
 * cloud provider without a bucket, CLUSTER_UNAVAILABLE if a Job could not be created; the others were.
 */
export async function cleanupAirflowDb(ctx: Context, input: unknown): Promise<true> {
  const { config } = ctx;
  if (!config.deployments.cleanupAirflowDb.enabled) {
    const setting = settingName(config, "deployments.cleanupAirflowDb.enabled");
    throw new AppError("FEATURE_DISABLED", `cleanupAirflowDb: ${setting} is false on this platform`);
  }
  const given = parse(Input, input);
  const { provider = "local", bucketName, outputPath, providerEnvSecretName, olderThan = DEFAULT_DAYS } = given;
  if (provider !== "local" && bucketName === undefined) throw badInput("bucketName", `is required for ${provider}`);
  if (config.provisioner === "none") throw notConnected(config, WHAT);
  const options = {
    // Of a day, so that asking again changes nothing.
    before: new Date(Math.floor(ctx.now().getTime() / DAY) * DAY - olderThan * DAY),
    dryRun: given.dryRun === true,
    dropArchives: given.dropArchives === true,
    tables: given.tables?.split(",").map((name) => name.trim()) ?? [],
    upload:
      provider === "local" || bucketName === undefined
        ? undefined
        : { provider, bucketName, outputPath, providerEnvSecretName },
  };
  const { before, dryRun, dropArchives, tables } = options;
  await recordAudit(ctx, ctx.db, {
    action: "cleanupAirflowDb",
    entityType: "Platform",
    entityId: "1",
    detail: { before: before.toISOString(), dryRun, dropArchives, tables, provider },
  });
  const { failed, cause } = await createCleanupJobs(ctx, options);
  if (cause === undefined) return true;
  throw clusterUnavailable(`clean up the databases of ${failed} Airflow${failed === 1 ? "" : "s"}`, cause);
}
