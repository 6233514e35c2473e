import type { Denial } from "../platform/audit/denials.ts";
import { actorOf } from "../platform/audit/recordAudit.ts";
import type { AppError, ErrorCode } from "../platform/errors/appError.ts";
import { asAppError } from "../platform/errors/asAppError.ts";
import type { Context } from "./context.ts";

/** Changes that prove who the caller is, with a password or by an identity provider. */
const signIns: ReadonlySet<string> = new Set(["createToken", "signInWith"]);

/** The secret that an action takes as an argument: whoever sends a wrong one may be guessing. */
const secrets: Readonly<Record<string, string>> = {
  confirmEmail: "token",
  resetPassword: "token",
  createUser: "inviteToken",
  updateSelf: "payload.currentPassword",
};

/** Errors that say nothing about whether the caller may sign in. */
const unrelated: ReadonlySet<ErrorCode> = new Set([
  "BAD_USER_INPUT",
  "FEATURE_DISABLED",
  "SERVICE_UNAVAILABLE",
  "INTERNAL_SERVER_ERROR",
]);

/** Errors that say a row is unknown because the caller, who was denied, must not learn that it exists. */
const hiding = new WeakSet<object>();

/** Marks an error as one that hides a denial. */
export const hidesDenial = (error: object): void => void hiding.add(error);

/** Records in the audit log that a change ended with an error, if it was denied or the caller failed to prove who they are. */
export function recordDenial(ctx: Context, action: string, thrown: unknown): void {
  const error = asAppError(thrown);
  const outcome = error && (hiding.has(error) ? "DENIED" : outcomeOf(action, error));
  if (!outcome) return;
  const { code, argument } = error;
  const target = ctx.target ?? (outcome === "FAILED" ? unknownUser : platform);
  const detail = { code, ...(argument !== undefined && { argument }) };
  record(ctx, { outcome, action, ...target, detail });
}

/** Records that an e-mail for a user's account was requested for an address that no such user has. */
export const recordUnknownUser = (ctx: Context, action: string): void =>
  record(ctx, { outcome: "FAILED", action, ...unknownUser, detail: {} });

type Recorded = Omit<Denial, "actor" | "requestId" | "address" | "via">;

function record(ctx: Context, denial: Recorded): void {
  const { address, via } = ctx.origin;
  ctx.denials.record({ ...denial, actor: actorOf(ctx), requestId: ctx.requestId, address, via });
}

function outcomeOf(action: string, { code, argument }: AppError): "DENIED" | "FAILED" | undefined {
  if (signIns.has(action)) return unrelated.has(code) ? undefined : "FAILED";
  if (argument !== undefined && argument === secrets[action]) return "FAILED";
  return code === "FORBIDDEN" || code === "UNAUTHENTICATED" ? "DENIED" : undefined;
}

const platform = { entityType: "Platform", entityId: "1", workspaceId: null };

const unknownUser = { entityType: "User", entityId: "unknown", workspaceId: null };
