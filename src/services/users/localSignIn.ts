import type { Context } from "../../access/context.ts";
import { AppError } from "../../platform/errors/appError.ts";
import { addressToFind } from "../../platform/input/emailAddress.ts";
import { usernameKey } from "./usernameKey.ts";

type Reading = Pick<Context, "config" | "db">;

const disabled = (why: string) => new AppError("FEATURE_DISABLED", `Sign-in with a password is disabled: ${why}`);

/**
 * Throws FEATURE_DISABLED unless users may sign in with a password. Called by every operation that issues a token for a
 * password or an e-mail token, because with local sign-in disabled none of them may bypass the identity provider.
 */
export function assertLocalSignIn({ config }: Pick<Context, "config">): void {
  if (!config.auth.local.enabled) throw disabled("auth.local.enabled is false");
}

/** Who wants to use a password. */
interface Named {
  username?: string;
  addresses: readonly string[];
}

/**
 * Throws FEATURE_DISABLED if one of the addresses belongs to a domain whose users sign in with an identity provider
 * only, unless it is a break-glass account.
 */
export function assertDomainHasPasswords({ config }: Pick<Context, "config">, named: Named): void {
  const domain = domainWithoutPasswords(config, named.addresses);
  if (domain === undefined || isBreakGlass(config, named)) return;
  throw disabled(`people at ${domain} sign in with their identity provider (auth.local.domainsWithoutPassword)`);
}

/** How a password that matches may be used. "never" must look like a password that does not match. */
export type PasswordUse = "always" | "breakGlass" | "never";

/**
 * How the password of a user may be used for signing in. Where passwords are off, a System Admin may use theirs if
 * `auth.local.breakGlass` names them, or if no System Admin has signed in with an enabled identity provider yet: so
 * the way in is never lost. Throws FEATURE_DISABLED where they are off for everybody, or for the domain of the given
 * address, whether or not somebody has it; a username does not tell its domain, so there the answer is "never".
 */
export async function passwordUse(
  ctx: Reading,
  { identity, user }: { identity: string; user: ({ id: string } & Required<Named>) | undefined },
): Promise<PasswordUse> {
  const { config } = ctx;
  const given = identity.includes("@") ? [addressToFind(identity)] : [];
  const domain = domainWithoutPasswords(config, user?.addresses ?? given);
  if (config.auth.local.enabled && domain === undefined) return "always";
  if (user && (await mayBreakGlass(ctx, user))) return "breakGlass";
  assertLocalSignIn(ctx);
  assertDomainHasPasswords(ctx, { addresses: given });
  return "never";
}

function domainWithoutPasswords({ auth }: Context["config"], addresses: readonly string[]): string | undefined {
  const off = auth.local.domainsWithoutPassword;
  return addresses.map((address) => address.slice(address.lastIndexOf("@") + 1)).find((domain) => off.includes(domain));
}

function isBreakGlass({ auth }: Context["config"], { username, addresses }: Named): boolean {
  return auth.local.breakGlass.some((name) =>
    name.includes("@")
      ? addresses.includes(addressToFind(name))
      : username !== undefined && usernameKey(name) === usernameKey(username),
  );
}

async function mayBreakGlass(ctx: Reading, user: { id: string } & Required<Named>): Promise<boolean> {
  const admins = { role: "SYSTEM_ADMIN", workspaceId: null, deploymentId: null } as const;
  const own = await ctx.db.roleBinding.findFirst({ where: { ...admins, userId: user.id }, select: { id: true } });
  if (!own) return false;
  if (isBreakGlass(ctx.config, user)) return true;
  const { openidConnect, github } = ctx.config.auth;
  const enabled = Object.entries({ ...openidConnect, github } as Record<string, unknown>)
    .filter(([, value]) => (value as { enabled?: unknown } | null)?.enabled === true)
    .map(([name]) => name);
  const other = await ctx.db.identity.findFirst({
    where: { provider: { in: enabled }, user: { status: "active", roleBindings: { some: admins } } },
    select: { id: true },
  });
  return other === null;
}
