import { AppError, type ErrorCode } from "../../platform/errors/appError.ts";

/** Why a sign-in with an identity provider was refused, and the code of the error. The sign-in page has words for each. */
export const reasons = {
  /** The person said no at the provider, or the provider did. */
  denied: "UNAUTHENTICATED",
  /** The cookie of the sign-in is missing, too old, used, or of another one. */
  expired: "UNAUTHENTICATED",
  /** The provider's answer does not prove who signed in. */
  invalid: "UNAUTHENTICATED",
  /** No enabled provider has this name. */
  unknownProvider: "NOT_FOUND",
  /** The provider does not answer, or not in time. */
  unavailable: "SERVICE_UNAVAILABLE",
  /** An account of a tenant or domain that may not sign in. */
  organization: "FORBIDDEN",
  /** The provider names no usable e-mail address. */
  noAddress: "FORBIDDEN",
  /** The provider does not say that the address belongs to the person. */
  unverified: "FORBIDDEN",
  /** Another account has the address, and the provider does not speak for its domain. */
  addressInUse: "FORBIDDEN",
  /** Sign-up is by invitation, and there is none for the address. */
  notInvited: "FORBIDDEN",
  /** The invitation is for another address, or no longer open. */
  otherInvitation: "FORBIDDEN",
  /** A SCIM client keeps the users of the provider, and does not have this one. */
  notProvisioned: "FORBIDDEN",
  /** The first user needs the set-up token. */
  setupToken: "FORBIDDEN",
  /** The account at the provider belongs to another user. */
  identityInUse: "FORBIDDEN",
  /** The user may not sign in. */
  inactive: "FORBIDDEN",
} as const satisfies Record<string, ErrorCode>;

export type Reason = keyof typeof reasons;

/** A sign-in with an identity provider that was refused. `cause` is for the log only. */
export class SignOnRefused extends AppError {
  readonly reason: Reason;

  constructor(reason: Reason, cause?: unknown) {
    // As the argument, it is in the audit log.
    super(reasons[reason], `Sign-in with the identity provider was refused: ${reason}`, reason);
    this.reason = reason;
    if (cause !== undefined) this.cause = cause;
  }
}

/** Whether `text` names a reason. */
export const isReason = (text: string): text is Reason => Object.hasOwn(reasons, text);
