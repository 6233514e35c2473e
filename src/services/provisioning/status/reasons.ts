import type { Condition } from "./condition.ts";
import type { ReleaseRecord } from "./releaseRecord.ts";

/** How the reason of all Deployments begins whose cluster cannot be asked. */
export const OUT_OF_REACH = "The cluster has been out of reach since";

/** Reasons of Flux's conditions, in words. Others are shown as they are. */
const WORDS = new Map(
  Object.entries({
    InstallFailed: "The installation failed",
    UpgradeFailed: "The upgrade failed",
    TestFailed: "The tests of the chart failed",
    RollbackFailed: "The rollback failed",
    UninstallFailed: "The removal failed",
    ArtifactFailed: "The chart cannot be fetched",
    DependencyNotReady: "It waits for another release",
    AccessDenied: "Flux is not allowed to use what it refers to",
    MissingRollbackTarget: "There is no earlier version to go back to",
    // The message says it all.
    RetriesExceeded: "",
  }),
);

/** What Flux did about a failure: the reason of the condition `Remediated`. */
const REMEDIES = new Map(
  Object.entries({
    RollbackSucceeded: "the version before it runs again",
    UninstallSucceeded: "what was installed has been removed again",
    RollbackFailed: "going back to the version before it failed too",
    UninstallFailed: "removing what was installed failed too",
  }),
);

/** The cause of a condition: its reason in words, and its message. Undefined without a condition. */
export function causeOf(condition: Condition | undefined): string | undefined {
  if (!condition) return undefined;
  return withMessage(WORDS.get(condition.reason) ?? condition.reason, condition.message) || "no reason was given";
}

/**
 * Why a release failed, by the condition that says so. After a rollback, and once Flux has given up, that one does not have
 * the cause any more: it is in `Released`.
 */
export function failureOf(conditions: ReleaseRecord["conditions"]): string {
  const { Ready, Stalled, Released, Remediated, Reconciling } = conditions;
  const isFinal = Stalled?.status === "True";
  const remedy = Remediated && REMEDIES.get(Remediated.reason);
  const isLate = isFinal || (remedy !== undefined && Ready?.reason === Remediated?.reason);
  const released = Released?.status === "False" ? causeOf(Released) : undefined;
  return [
    isLate ? released : causeOf(Ready),
    remedy && (Remediated.status === "True" ? remedy : withMessage(remedy, Remediated.message)),
    isFinal ? `Flux has given up: ${causeOf(Stalled)}` : undefined,
    !isFinal && Reconciling?.reason === "ProgressingWithRetry" ? "Flux will try again" : undefined,
  ]
    .filter((part) => part !== undefined)
    .join("; ");
}

/** A time in milliseconds as people read it: `2026-11-29T16:00:00Z`. */
export const instant = (time: number): string => new Date(time).toISOString().replace(/\.\d{3}Z$/, "Z");

const withMessage = (words: string, message: string) => [words, message].filter((one) => one !== "").join(": ");
