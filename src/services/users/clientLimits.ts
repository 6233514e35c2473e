import { isIPv6 } from "node:net";
import ipaddr from "ipaddr.js";
import type { Client, Context } from "../../access/context.ts";
import { tooManyRequests } from "../../platform/errors/appError.ts";
import { countUse } from "./countUse.ts";

type Counting = Pick<Context, "client" | "config" | "db" | "now">;

const MINUTE = 60_000;

/**
 * The address by which a client is counted: an IPv6 client has the whole /64 network, of which it can use any address.
 */
export function countedAddress({ address }: Client): string {
  return isIPv6(address) ? ipaddr.IPv6.networkAddressFromCIDR(`${address.split("%", 1)[0]}/64`).toString() : address;
}

/** Counts an attempt to sign in, or a sign-up. Throws TOO_MANY_REQUESTS after too many from one client address. */
export async function countAttempt(ctx: Counting, kind: "signIn" | "signUp"): Promise<void> {
  const max = ctx.config.auth.local.limits.attemptsPerAddress;
  const wait = await countUse(ctx, { what: `${kind} from ${countedAddress(ctx.client)}`, max, window: MINUTE });
  if (wait > 0) throw tooManyRequests(wait);
}

/** Counts a request for an e-mail. Throws TOO_MANY_REQUESTS after too many from one client address. */
export async function countMailRequest(ctx: Counting): Promise<void> {
  const max = ctx.config.auth.local.limits.mailsPerAddress;
  const wait = await countUse(ctx, { what: `mail from ${countedAddress(ctx.client)}`, max, window: 60 * MINUTE });
  if (wait > 0) throw tooManyRequests(wait);
}
