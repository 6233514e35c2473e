import type { Context } from "../../../access/context.ts";
import { signToken } from "../../../access/jwt.ts";
import { recordDenial } from "../../../access/recordDenial.ts";
import { asAppError } from "../../../platform/errors/asAppError.ts";
import type { AuthUser } from "../../../services/users/authUser.ts";
import { logout } from "../../../services/users/logout.ts";
import { setSession } from "./cookies.ts";
import type { OwnVisit } from "./pageRoute.ts";
import type { Visit } from "./visit.ts";

/** Runs a use case, and records in the audit log if it was denied, as for the field of the API with this name. */
export async function recorded<T>(ctx: Context, action: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    recordDenial(ctx, action, error);
    throw error;
  }
}

/** Gives the browser a session that was just created, instead of the one it may have. */
export async function signIn(visit: Visit, { token }: AuthUser): Promise<void> {
  if (!token) throw new Error("no session was created");
  const { payload, sessionId } = token;
  const [from, to] = [new Date(payload.iat * 1_000), new Date(payload.exp * 1_000)];
  setCookies(visit, { userId: payload.id, sessionId, from, to });
  if (visit.visitor) await endSession(visit.visitor.ctx);
}

/** Gives the browser the cookies of its session again: it may have lost the one for Airflow. */
export function keepSession({ ctx, site, reply, visitor }: OwnVisit): void {
  const { userId, sessionId, expiresAt } = visitor;
  setCookies({ ctx, site, reply }, { userId, sessionId, from: ctx.now(), to: expiresAt });
}

function setCookies(
  { ctx, site, reply }: Pick<Visit, "ctx" | "site" | "reply">,
  { userId, sessionId, from, to }: { userId: string; sessionId: string; from: Date; to: Date },
): void {
  const sign = (type: "pages" | "airflow") => signToken(ctx.config, userId, sessionId, from, to, type).value;
  const maxAge = Math.floor((to.getTime() - from.getTime()) / 1_000);
  setSession(reply, site, { pages: sign("pages"), airflow: sign("airflow"), maxAge });
}

/** Ends the session of a browser, if it has not ended yet. */
export async function endSession(ctx: Context): Promise<void> {
  await logout(ctx).catch((error: unknown) => {
    if (asAppError(error)?.code !== "UNAUTHENTICATED") throw error;
  });
}
