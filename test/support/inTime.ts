import { expect } from "vitest";
import { isMeasured } from "./shortened.ts";

/**
 * Requires that something took at most `limit`, in whatever unit, in a full `npm run test:hard` only. The shortened run has
 * too few samples for that and shares its machine, as `npm test` does.
 */
export function inTime(taken: number, limit: number): void {
  if (isMeasured) expect(taken).toBeLessThanOrEqual(limit);
}

/** Requires at least `least` of something in a second, in the same run only. */
export function quickEnough(perSecond: number, least: number): void {
  if (isMeasured) expect(perSecond).toBeGreaterThanOrEqual(least);
}
