import type { Context, Services } from "../../access/context.ts";
import type { Prisma } from "../../generated/prisma/client.ts";
import { AppError } from "../../platform/errors/appError.ts";
import { isEqualSecret, newToken } from "../../platform/secrets/tokens.ts";
import { hasUsers } from "./firstSignUp.ts";

type Db = Pick<Prisma.TransactionClient, "platform">;

/** The context that the encrypted set-up token is bound to. */
export const SETUP_TOKEN = "Platform.setupToken";

/**
 * The token with which the first user signs up from another machine: `auth.setupToken`, or else one that is generated
 * once and stored encrypted, so that all replicas have the same. undefined if there are users.
 */
export async function prepareSetupToken({ db, config, secrets }: Services): Promise<string | undefined> {
  if (await hasUsers(db)) return undefined;
  if (config.auth.setupToken !== null) return config.auth.setupToken;
  const sealed = secrets.seal(newToken(), SETUP_TOKEN);
  await db.platform.updateMany({ where: { setupTokenEncrypted: null }, data: { setupTokenEncrypted: sealed } });
  return storedToken(db, secrets);
}

const SETUP =
  "The first user becomes System Admin: sign up on the machine that runs Houston, directly and as localhost, or send " +
  "the set-up token in the header x-houston-setup-token (Houston prints it at startup; auth.setupToken sets it)";

/** Throws FORBIDDEN unless the first user signs up directly from this machine or sends the set-up token. */
export async function assertMaySetUp({ client, config, secrets }: Context, db: Db): Promise<void> {
  if (client.sameMachine) return;
  const expected = config.auth.setupToken ?? (await storedToken(db, secrets));
  if (expected === undefined || client.setupToken === undefined || !isEqualSecret(client.setupToken, expected)) {
    throw new AppError("FORBIDDEN", SETUP);
  }
}

/** The first sign-up uses the token up. */
export async function forgetSetupToken(db: Db): Promise<void> {
  await db.platform.updateMany({ data: { setupTokenEncrypted: null } });
}

async function storedToken(db: Db, secrets: Services["secrets"]): Promise<string | undefined> {
  const platform = await db.platform.findFirst({ select: { setupTokenEncrypted: true } });
  const sealed = platform?.setupTokenEncrypted;
  return sealed ? secrets.open(sealed, SETUP_TOKEN) : undefined;
}

/** Takes the same time wherever they differ. */
