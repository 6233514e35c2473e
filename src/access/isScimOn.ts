import type { Prisma } from "../generated/prisma/client.ts";
import { scimSettings } from "../platform/config/scim.ts";
import type { Context } from "./context.ts";

/** True if a SCIM client keeps the users and teams of a provider: it has a code in the configuration, or a token. */
export async function isScimOn(
  { config }: Pick<Context, "config">,
  db: Pick<Prisma.TransactionClient, "scimToken">,
  provider: string,
): Promise<boolean> {
  const settings = scimSettings(config, provider);
  if (!settings) return false;
  if (settings.scimAuthCode !== null) return true;
  return (await db.scimToken.findFirst({ where: { provider }, select: { id: true } })) !== null;
}
