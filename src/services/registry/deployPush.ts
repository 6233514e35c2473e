import { z } from "zod";
import { createContext, type Services } from "../../access/context.ts";
import { loadHolder } from "../../access/loadHolder.ts";
import { recordDenial } from "../../access/recordDenial.ts";
import type { Origin } from "../../platform/audit/origin.ts";
import { asAppError } from "../../platform/errors/asAppError.ts";
import { type ChangesTo, changeDeployment } from "../deployments/lifecycle/changeDeployment.ts";
import { ImageInput } from "../deployments/lifecycle/deploymentInput.ts";
import { queueImageVersions } from "./readImageVersions.ts";

/** What is read of a notification of the image registry; it contains much more. */
const Push = z.object({
  action: z.literal("push"),
  target: z.object({
    repository: z.string().regex(/^[a-z0-9][a-z0-9-]*\/airflow$/),
    tag: z.string().regex(/^[\w.-]{1,128}$/),
    digest: z.string().regex(/^sha256:[0-9a-f]{64}$/),
  }),
  request: z.object({ host: z.string().regex(/^[\w.:[\]-]{1,300}$/) }),
  /** The `sub` of the token with which it was pushed. */
  actor: z.object({ name: z.string().regex(/^(user|serviceAccount):\w+$/) }),
});

/** Where the notification came from. */
export interface Notification {
  requestId: string;
  origin: Origin;
}

/**
 * Deploys the image of a push to `<release>/airflow` for the one who pushed it, as updateDeploymentImage does: an image
 * that was pushed or deployed before is not deployed again. A job then reads its versions. Passes over all other events,
 * and pushes that the Deployment does not take (deleted, cordoned, permission lost since): the registry would only send
 * them again. Throws if the database is unavailable.
 */
export async function deployPush(
  services: Services,
  event: unknown,
  { requestId, origin }: Notification,
): Promise<void> {
  const parsed = Push.safeParse(event);
  if (!parsed.success) return;
  const { target, request, actor } = parsed.data;
  const log = services.log.child({ requestId, repository: target.repository, tag: target.tag });
  const ctx = createContext(services, {
    authorization: undefined,
    requestId,
    origin: { ...origin, via: "registry" },
    log,
  });
  const caller = await loadHolder(ctx.db, actor.name);
  const image = ImageInput.safeParse(`${request.host}/${target.repository}:${target.tag}@${target.digest}`);
  if (!caller || !image.success) {
    log.warn("A push is not deployed: its author no longer exists, or its name is too long");
    return;
  }
  ctx.caller = caller;
  const releaseName = target.repository.slice(0, target.repository.indexOf("/"));
  const { repository, digest } = target;
  try {
    const changes: ChangesTo = async (stored, _config, tx) => {
      const pushed = { releaseName, repository, digest, image: image.data, actor: actor.name, address: origin.address };
      if (stored.image !== image.data) await queueImageVersions(tx, pushed);
      return { image: image.data };
    };
    await changeDeployment(ctx, { releaseName }, changes, "deployPush");
  } catch (error) {
    const known = asAppError(error);
    if (!known || known.code === "SERVICE_UNAVAILABLE") throw error;
    recordDenial(ctx, "deployPush", error);
    log.warn({ reason: known.message }, "A push is not deployed");
  }
}
