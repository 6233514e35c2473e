import type { Task } from "graphile-worker";
import { createContext, type Services } from "../../access/context.ts";
import { loadHolder } from "../../access/loadHolder.ts";
import { recordDenial } from "../../access/recordDenial.ts";
import type { Origin } from "../../platform/audit/origin.ts";
import { AppError } from "../../platform/errors/appError.ts";
import { asAppError } from "../../platform/errors/asAppError.ts";
import { addJob } from "../../platform/jobs/addJob.ts";
import { type Changes, changeDeployment } from "../deployments/lifecycle/changeDeployment.ts";
import { versionsOfLabels } from "../deployments/lifecycle/updateDeploymentImage.ts";
import { readLabels, UnreadableImage } from "./readLabels.ts";
import { signRegistryToken } from "./signRegistryToken.ts";

/** A push that was deployed. */
interface Pushed {
  releaseName: string;
  repository: string;
  digest: string;
  /** As the Deployment names it. */
  image: string;
  /** Who pushed it: "user:<id>" or "serviceAccount:<id>". */
  actor: string;
  address: Origin["address"];
}

/** Milliseconds for all requests of one attempt. */
const TIMEOUT = 20_000;

/** About three hours: as long as a registry may be down. */
const MAX_ATTEMPTS = 9;

/** Adds the job that reads the versions of an image that was pushed. It replaces that of an earlier image. */
export const queueImageVersions = (tx: Parameters<typeof addJob>[0], pushed: Pushed): Promise<void> =>
  addJob(tx, "readImageVersions", pushed, {
    jobKey: `readImageVersions:${pushed.releaseName}`,
    maxAttempts: MAX_ATTEMPTS,
  });

/**
 * The task "readImageVersions": reads the labels of an image that was pushed and deployed, and stores the versions that they
 * name as those of the Deployment, for the one who pushed it. Passes over images without such labels or with versions that
 * the Deployment cannot have, and one that is no longer deployed. Retried while the registry is down.
 */
export function readImageVersions(services: Services): Task {
  return async (payload, { job, abortSignal }) => {
    const { releaseName, repository, digest, image, actor, address } = payload as Pushed;
    const { registry } = services.config;
    const log = services.log.child({ task: "readImageVersions", releaseName, image });
    try {
      const access = [{ type: "repository", name: repository, actions: ["pull"] }];
      const { token } = await signRegistryToken(services, "houston", access);
      const url = `${registry.tls ? "https" : "http"}://${registry.host}:${registry.port}`;
      const signal = AbortSignal.any([AbortSignal.timeout(TIMEOUT), ...(abortSignal ? [abortSignal] : [])]);
      const versions = versionsOfLabels(await readLabels({ url, token, signal }, { repository, digest }));
      if (!versions) return;
      const origin: Origin = { via: "registry", address };
      const ctx = createContext(services, { authorization: undefined, requestId: `job:${job.id}`, origin, log });
      const caller = await loadHolder(ctx.db, actor);
      if (!caller) return;
      ctx.caller = caller;
      const changes = async (stored: { image: string | null }): Promise<Changes> => {
        if (stored.image !== image) throw new AppError("CONFLICT", "Another image is deployed by now");
        return { image, ...versions };
      };
      await changeDeployment(ctx, { releaseName }, changes, "deployPush").catch((error) => {
        recordDenial(ctx, "deployPush", error);
        throw error;
      });
    } catch (error) {
      const known = asAppError(error);
      const final = error instanceof UnreadableImage || (known && known.code !== "SERVICE_UNAVAILABLE");
      if (!final) throw error;
      log.warn({ reason: (error as Error).message }, "The versions of an image that was pushed are not stored");
    }
  };
}
