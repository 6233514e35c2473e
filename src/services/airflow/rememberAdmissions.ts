import { LRUCache } from "lru-cache";
import type { Credential } from "../../access/authenticate.ts";
import type { Services } from "../../access/context.ts";
import type { QueryRunner } from "../../platform/database/queryRunner.ts";
import { type Admission, admitVisitor } from "./admitVisitor.ts";
import type { AirflowTarget } from "./airflowTarget.ts";

/** Decides about a visitor. */
export type Admit = (credential: Credential, target: AirflowTarget) => Promise<Admission>;

/** Maximum number of admissions that are remembered, of about 1 kB each. */
const MAX_ADMISSIONS = 10_000;

type Parts = Pick<Services, "roles" | "config" | "lastUsed" | "rightsEvents" | "now"> & { reads: QueryRunner };

/**
 * Decides by the database, and remembers whom it admitted for `airflowAccess.cacheDuration` milliseconds, at most until their session
 * expires. All are forgotten as soon as anybody loses a right, on this or another replica; nothing is remembered while such
 * news cannot be heard. Denials are not remembered, so that a new role counts at once.
 */
export function rememberAdmissions(parts: Parts): Admit {
  const { cacheDuration } = parts.config.airflowAccess;
  if (cacheDuration === 0) return (credential, target) => admitVisitor(parts, credential, target);
  const { rightsEvents, lastUsed } = parts;
  const known = new LRUCache<string, { until: number; admission: Extract<Admission, { status: 200 }> }>({
    max: MAX_ADMISSIONS,
  });
  rightsEvents.watch(() => known.clear());
  return async (credential, target) => {
    const key = JSON.stringify([credential, target]);
    const now = parts.now().getTime();
    const found = rightsEvents.isListening() ? known.get(key) : undefined;
    if (found && now < found.until) {
      lastUsed.touch(credential, found.admission.visitor.id, parts.now());
      return found.admission;
    }
    const since = rightsEvents.heard();
    const admission = await admitVisitor(parts, credential, target);
    // What was lost while the database answered may not be in its answer.
    if (admission.status === 200 && rightsEvents.isListening() && rightsEvents.heard() === since) {
      const until = now + Math.min(cacheDuration, admission.visitor.validFor ?? cacheDuration);
      known.set(key, { until, admission });
    }
    return admission;
  };
}
