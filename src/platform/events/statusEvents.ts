import type pg from "pg";
import type { Logger } from "pino";
import { DeploymentStatusType } from "../../generated/prisma/enums.ts";
import type { Listening } from "./listen.ts";

type Status = DeploymentStatusType;

/** Tells of Deployments' status, whichever Houston on this database changed it. */
export interface StatusEvents {
  /**
   * Calls `changed` with the status of a release now (soon) and after each change. Gives the function that ends it.
   */
  follow(releaseName: string, changed: (status: Status) => void): Promise<() => void>;
  /** Followers at this moment. */
  count(): number;
}

/** A release that somebody follows. */
interface Followed {
  status: Status | undefined;
  /** Notifications heard so far: what was read meanwhile may be older than they are. */
  heard: number;
  followers: Set<(status: Status) => void>;
}

/**
 * Listens to the trigger on "Deployment" from the first follower on. Each time listening
 * begins again, what is followed is read again, so a change in between is late but not lost.
 */
export function createStatusEvents(listening: Listening, pool: pg.Pool, log: Logger): StatusEvents {
  const releases = new Map<string, Followed>();

  const tell = (release: Followed, status: Status) => {
    if (release.status === status) return;
    release.status = status;
    for (const changed of release.followers) changed(status);
  };
  const read = async (names: readonly string[]) => {
    const before = new Map(names.map((name) => [name, releases.get(name)?.heard]));
    const { rows } = await pool.query<{ releaseName: string; status: Status }>(
      `SELECT "releaseName", status FROM "Deployment" WHERE "releaseName" = ANY($1::text[]) AND "deletedAt" IS NULL`,
      [names],
    );
    for (const { releaseName, status } of rows) {
      const release = releases.get(releaseName);
      if (release && release.heard === before.get(releaseName)) tell(release, status);
    }
  };
  listening.add({
    channel: "deployment_status",
    heard(payload) {
      const change = changeIn(payload);
      const release = change && releases.get(change.releaseName);
      if (!release) return;
      release.heard += 1;
      tell(release, change.status);
    },
    begun() {
      if (releases.size === 0) return;
      read([...releases.keys()]).catch((error: Error) =>
        log.warn({ reason: error.message }, "The status of followed Deployments could not be read"),
      );
    },
  });

  return {
    async follow(releaseName, changed) {
      listening.begin();
      const release = releases.get(releaseName) ?? { status: undefined, heard: 0, followers: new Set() };
      releases.set(releaseName, release);
      release.followers.add(changed);
      const leave = () => {
        release.followers.delete(changed);
        if (release.followers.size === 0 && releases.get(releaseName) === release) releases.delete(releaseName);
      };
      try {
        if (release.status === undefined) await read([releaseName]);
        else changed(release.status);
      } catch (error) {
        leave();
        throw error;
      }
      return leave;
    },
    count: () => [...releases.values()].reduce((sum, { followers }) => sum + followers.size, 0),
  };
}

/** What a notification says; undefined for one that is not from the trigger, because anyone on the database may send some. */
function changeIn(payload: string): { releaseName: string; status: Status } | undefined {
  try {
    const { releaseName, status } = JSON.parse(payload);
    return status in DeploymentStatusType ? { releaseName, status } : undefined;
  } catch {
    return undefined;
  }
}
