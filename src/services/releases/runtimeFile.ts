import { z } from "zod";
import { compareRuntimeVersions } from "./compareVersions.ts";
import { Channel, optionalString } from "./release.ts";

/** A Runtime version: an image that contains Airflow. */
export interface RuntimeRelease {
  version: string;
  /** The Airflow version it contains; null if the file does not contain it. */
  airflowVersion: string | null;
  /** True if upgrading to it from the previous version may change Airflow's database. */
  airflowDatabaseMigrations: boolean;
  /** True if upgrading to it changes Astronomer's own database; false if the file does not say. */
  stellarDatabaseMigrations: boolean;
  /** RFC 3339; 1970-01-01 if the file has no valid date. */
  releaseDate: string;
  /**
   * As in the file: `stable`, `deprecated` or one for tests such as `beta`. `channelAt` also applies the end of
   * support.
   */
  channel: string;
  /** The first moment without support; null if the file contains no end of support, so that it never ends. */
  unsupportedFrom: Date | null;
  /** Withdrawn: Deployments that run it may keep it; no other may choose it. */
  yanked: boolean;
  /** Why it was withdrawn; "" if the file does not say. */
  yankedReason: string;
}

/** Undefined if unknown. */
const optionalFlag = z
  .union([z.boolean(), z.stringbool(), z.literal("").transform(() => undefined)])
  .nullish()
  .transform((flag) => flag ?? undefined);
const optionalDate = optionalString.refine((date) => date === null || !Number.isNaN(Date.parse(date)), {
  error: "must be a date such as 2027-04-30",
});

const Entry = z.object({
  metadata: z.object({
    airflowVersion: optionalString,
    channel: Channel,
    endOfSupport: optionalDate,
    /** The name of `endOfSupport` in older files. */
    endOfMaintenance: optionalDate,
    releaseDate: optionalString,
    yanked: optionalFlag,
    yankedReason: optionalString,
  }),
  migrations: z.object({ airflowDatabase: optionalFlag, stellarDatabase: optionalFlag }).nullish(),
});

const Versions = z.record(z.string().min(1), Entry);

/**
 * The form of the published feed. Airflow 3 has its own map. Files of operators may have further properties, as the
 * feed has: Python versions, the end of extended support, migrations of other databases.
 */
export const RuntimeFile = z
  .object({ runtimeVersions: Versions, runtimeVersionsV3: Versions.nullish() })
  .transform(({ runtimeVersions, runtimeVersionsV3 }) => releasesIn({ ...runtimeVersions, ...runtimeVersionsV3 }));

/** Puts the earliest version first. */
function releasesIn(entries: z.output<typeof Versions>): RuntimeRelease[] {
  const sorted = Object.entries(entries).sort(([a], [b]) => compareRuntimeVersions(a, b));
  return sorted.map(([version, { metadata, migrations }], i) => {
    const { airflowVersion, channel, yanked = false, yankedReason, releaseDate } = metadata;
    const before = sorted[i - 1]?.[1].metadata.airflowVersion;
    // Without information, an upgrade may migrate the database unless Airflow stays the same.
    const airflowDatabaseMigrations =
      migrations?.airflowDatabase ?? (airflowVersion === null || airflowVersion !== before);
    const end = metadata.endOfSupport ?? metadata.endOfMaintenance;
    return {
      version,
      airflowVersion,
      airflowDatabaseMigrations,
      stellarDatabaseMigrations: migrations?.stellarDatabase ?? false,
      releaseDate: new Date(Date.parse(releaseDate ?? "") || 0).toISOString(),
      channel,
      unsupportedFrom: end === null ? null : dayAfter(end),
      yanked,
      yankedReason: yankedReason ?? "",
    };
  });
}

/** The last day of support still counts, whatever time is given. */
function dayAfter(date: string): Date {
  const day = new Date(date);
  day.setUTCHours(24, 0, 0, 0);
  return day;
}
