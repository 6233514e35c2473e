import { expect } from "vitest";
import { isShort } from "./shortened.ts";

/**
 * Requires that something took at most `limit`, in whatever unit. The shortened run has too few samples for that and
 * shares its machine, so there the figures are printed only.
 */
export function inTime(taken: number, limit: number): void {
  if (!isShort) expect(taken).toBeLessThanOrEqual(limit);
}

/** Requires at least `least` of something in a second, but not of the shortened run. */
export function quickEnough(perSecond: number, least: number): void {
  if (!isShort) expect(perSecond).toBeGreaterThanOrEqual(least);
}
