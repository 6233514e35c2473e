import type { ScheduledJob } from "../../platform/jobs/scheduledJob.ts";

/** Replaces the key that signs tokens once it is `rotateSigningKeys.after` days old. */
export const rotateSigningKeys: ScheduledJob = {
  name: "rotateSigningKeys",
  counts: "Signing keys created and removed",
  async run({ config, signingKeys }, author) {
    const { created, removed } = await signingKeys.rotate(author, { afterDays: config.rotateSigningKeys.after });
    return created.length + removed.length;
  },
};
