import { z } from "zod";
import type { Context } from "../../access/context.ts";
import { countUse } from "../users/countUse.ts";
import { SignOnRefused } from "./refused.ts";

/** How long someone may take to sign in at the provider, in milliseconds. */
export const PENDING_LIFETIME = 10 * 60_000;

const Pending = z.object({
  provider: z.string(),
  state: z.string(),
  nonce: z.string(),
  /** Of PKCE. */
  codeVerifier: z.string(),
  /** When the sign-in began, in milliseconds since 1970. */
  at: z.number(),
  /** Where to go afterwards, as it was given. */
  redirect: z.string().optional(),
  inviteToken: z.string().optional(),
  setupToken: z.string().optional(),
  /** The session whose user adds the account at the provider to their own. */
  linkSession: z.string().optional(),
});

/** A sign-in that waits for the answer of the provider. */
export type PendingSignOn = z.output<typeof Pending>;

/** What the encrypted value of the cookie is bound to. */
const PENDING = "pending sign-on";

type Sealing = Pick<Context, "secrets" | "now">;

/** The value of the cookie that binds a sign-in to the browser that began it. */
export const sealPending = ({ secrets }: Sealing, pending: PendingSignOn): string =>
  secrets.seal(JSON.stringify(pending), PENDING);

/**
 * The sign-in that a browser began, from its cookie and the `state` in the answer of the provider. It is used up: a second
 * answer with the same cookie is refused, by all replicas. Throws SignOnRefused ("expired") without such a sign-in.
 */
export async function takePending(ctx: Context, cookie: string | undefined, state: string): Promise<PendingSignOn> {
  const pending = openPending(ctx, cookie);
  if (!pending || pending.state !== state) throw new SignOnRefused("expired");
  const uses = { what: `sign-on ${pending.state}`, max: 1, window: PENDING_LIFETIME };
  if ((await countUse(ctx, uses)) > 0) throw new SignOnRefused("expired", "The answer was used before");
  return pending;
}

function openPending({ secrets, now }: Sealing, cookie: string | undefined): PendingSignOn | undefined {
  if (cookie === undefined) return undefined;
  try {
    const pending = Pending.parse(JSON.parse(secrets.open(cookie, PENDING)));
    return now().getTime() - pending.at <= PENDING_LIFETIME ? pending : undefined;
  } catch {
    // Of another key, or not ours.
    return undefined;
  }
}
