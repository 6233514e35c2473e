import { z } from "zod";
import { newApiKey, SCIM_PREFIX } from "../../access/apiKey.ts";
import type { Context } from "../../access/context.ts";
import { actorOf, recordAudit } from "../../platform/audit/recordAudit.ts";
import { scimProviders, scimSettings } from "../../platform/config/scim.ts";
import { AppError, badInput } from "../../platform/errors/appError.ts";
import { parse } from "../../platform/errors/parse.ts";
import { IdOf, Label, optional, Time } from "../../platform/input/input.ts";
import { newId } from "../../platform/secrets/newId.ts";
import { hashOf } from "../../platform/secrets/tokens.ts";
import { defineRead } from "../../query/defineRead.ts";
import { readOne, type Tree } from "../../query/read.ts";
import type { Resolver } from "../../query/resolver.ts";
import { selectionOf } from "../../query/selection.ts";

const Filter = z.object({ provider: optional(z.string("must be the name of a provider")) });
const NewToken = z.object({ provider: z.string(), label: optional(Label), expiresAt: Time });
const Named = z.object({ id: IdOf });

/** Characters of a token that are shown later: the prefix and 4 more. */
const SHOWN = SCIM_PREFIX.length + 4;

/** The tokens of all providers, or of one, oldest first. */
export const scimTokens = defineRead({
  entity: "ScimToken",
  many: true,
  toQuery(args) {
    const { provider } = parse(Filter, args);
    return { where: provider === undefined ? {} : { provider } };
  },
});

/** Makes a token for a provider's SCIM client; the result has it in `token`. Throws BAD_USER_INPUT for a time that has passed. */
export const createScimToken: Resolver<Tree<"ScimToken"> | null, object> = async (_, args, ctx, info) => {
  const { provider, label = "", expiresAt = null } = parse(NewToken, args);
  if (!scimSettings(ctx.config, provider))
    throw badInput("provider", `must be one of ${scimProviders(ctx.config).join(", ")}`);
  if (expiresAt && expiresAt <= ctx.now()) throw badInput("expiresAt", "must be in the future");
  const token = newApiKey(SCIM_PREFIX);
  const id = newId();
  const stored = { tokenHash: hashOf(token), tokenStart: token.slice(0, SHOWN), createdBy: actorOf(ctx) };
  await ctx.db.$transaction(async (tx) => {
    const data = { id, provider, label, expiresAt, createdAt: ctx.now(), ...stored };
    await tx.scimToken.create({ data, select: { id: true } });
    await record(ctx, tx, "createScimToken", { id, provider, label });
  });
  const row = await readOne(ctx, info, "ScimToken", { id });
  // Stored as a hash only, the token cannot be read back.
  const shown = selectionOf(info).filter(({ name }) => name === "token");
  return row && { ...row, ...Object.fromEntries(shown.map(({ key }) => [key, token])) };
};

/** Revokes a token: the next request with it is refused. Throws NOT_FOUND for an unknown ID. */
export async function deleteScimToken(ctx: Context, input: unknown): Promise<void> {
  const { id } = parse(Named, input);
  await ctx.db.$transaction(async (tx) => {
    const [row] = await tx.$queryRaw<{ provider: string; label: string }[]>`DELETE FROM "ScimToken" WHERE id = ${id}
      RETURNING provider, label`;
    if (!row) throw new AppError("NOT_FOUND", "id: unknown SCIM token", "id");
    await record(ctx, tx, "deleteScimToken", { id, ...row });
  });
}

const record = (
  ctx: Context,
  tx: Parameters<typeof recordAudit>[1],
  action: string,
  { id, ...detail }: { id: string; provider: string; label: string },
) => recordAudit(ctx, tx, { action, entityType: "ScimToken", entityId: id, detail });
