import type pg from "pg";
import type { Logger } from "pino";
import { DeploymentStatusType } from "../../generated/prisma/enums.ts";
import type { Listening } from "./listen.ts";

/** A Deployment's status, and why it has it; null if there is nothing to say. */
export interface Status {
  status: DeploymentStatusType;
  statusReason: string | null;
}

/** Reports changes of Deployments' status, whichever Houston process on this database made them. */
export interface StatusEvents {
  /**
   * Calls `changed` with the current status of a release, then after each change. Returns a function that stops it.
   */
  follow(releaseName: string, changed: (status: Status) => void): Promise<() => void>;
  /** Current number of followers. */
  count(): number;
}

/** A release that has followers. */
interface Followed {
  status: Status | undefined;
  /** Notifications received so far: a status read from the database at the same time may be older. */
  heard: number;
  followers: Set<(status: Status) => void>;
}

/**
 * Listens to the trigger on "Deployment" once there is a follower. When listening resumes after an interruption, the
 * followed releases are read again, so a change during the interruption is late but not lost.
 */
export function createStatusEvents(listening: Listening, pool: pg.Pool, log: Logger): StatusEvents {
  const releases = new Map<string, Followed>();

  const update = (release: Followed, status: Status) => {
    if (release.status?.status === status.status && release.status.statusReason === status.statusReason) return;
    release.status = status;
    for (const changed of release.followers) changed(status);
  };
  const read = async (names: readonly string[]) => {
    const before = new Map(names.map((name) => [name, releases.get(name)?.heard]));
    const { rows } = await pool.query<{ releaseName: string } & Status>(
      `SELECT "releaseName", status, "statusReason" FROM "Deployment"
       WHERE "releaseName" = ANY($1::text[]) AND "deletedAt" IS NULL`,
      [names],
    );
    for (const { releaseName, ...status } of rows) {
      const release = releases.get(releaseName);
      if (release && release.heard === before.get(releaseName)) update(release, status);
    }
  };
  listening.add({
    channel: "deployment_status",
    heard(payload) {
      const change = changeIn(payload);
      const release = change && releases.get(change.releaseName);
      if (!release) return;
      release.heard += 1;
      update(release, change.now);
    },
    begun() {
      if (releases.size === 0) return;
      read([...releases.keys()]).catch((error: Error) =>
        log.warn({ reason: error.message }, "Could not read the status of followed Deployments"),
      );
    },
  });

  return {
    async follow(releaseName, changed) {
      listening.begin();
      const release = releases.get(releaseName) ?? { status: undefined, heard: 0, followers: new Set() };
      releases.set(releaseName, release);
      release.followers.add(changed);
      const stop = () => {
        release.followers.delete(changed);
        if (release.followers.size === 0 && releases.get(releaseName) === release) releases.delete(releaseName);
      };
      try {
        if (release.status === undefined) await read([releaseName]);
        else changed(release.status);
      } catch (error) {
        stop();
        throw error;
      }
      return stop;
    },
    count: () => [...releases.values()].reduce((sum, { followers }) => sum + followers.size, 0),
  };
}

/** The change in a notification; undefined if it is not from the trigger: any database user can send notifications. */
function changeIn(payload: string): { releaseName: string; now: Status } | undefined {
  try {
    const { releaseName, status, statusReason = null } = JSON.parse(payload);
    return status in DeploymentStatusType ? { releaseName, now: { status, statusReason } } : undefined;
  } catch {
    return undefined;
  }
}
