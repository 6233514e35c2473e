import { isDeepStrictEqual } from "node:util";
import { assertAdminStays } from "../../access/assertAdminStays.ts";
import { endSessions } from "../../access/endSessions.ts";
import type { Prisma } from "../../generated/prisma/client.ts";
import { usernameKey } from "../users/usernameKey.ts";
import { userUnknown } from "./listScimUsers.ts";
import { type Person, personOf } from "./person.ts";
import { recordScim } from "./recordScim.ts";
import type { Resource } from "./resource.ts";
import type { ScimContext } from "./scimContext.ts";
import { ScimError } from "./scimError.ts";
import { isTrustedFor } from "./trusted.ts";
import { unique } from "./unique.ts";
import { columnsOf, resourceOf, type ScimUserRow } from "./userRow.ts";

/**
 * Changes a user of the provider as `change` says, which gets the resource as it is now. Name, username and address of the
 * account follow. `active: false` ends the user's sessions. Changes nothing if nothing differs. Throws NOT_FOUND for an
 * unknown user, CONFLICT for a userName or an address that another one has, for a new address of somebody who proved one that the
 * provider does not speak for, and for the last System Admin who can sign in.
 */
export async function changeScimUser(
  ctx: ScimContext,
  id: string,
  change: (before: Resource) => Resource,
): Promise<void> {
  await ctx.db.$transaction(async (tx) => {
    const row = await lockScimUser(ctx, tx, id);
    const before = resourceOf(row);
    const after = change(before);
    if (isDeepStrictEqual(before, after)) return;
    const columns = columnsOf(after);
    await tx.scimUser
      .update({
        where: { provider_userId: { provider: ctx.provider, userId: id } },
        data: { ...columns, updatedAt: ctx.now() },
        select: { userId: true },
      })
      .catch(unique("userName", "the provider already has this user"));
    await changePerson(ctx, tx, id, { from: personOf(before), to: personOf(after) });
    if (row.active && !columns.active) {
      await assertAdminStays(tx, {}, id, "active");
      await endSessions(tx, id);
    }
    await recordScim(ctx, tx, {
      action: "updateScimUser",
      entityType: "User",
      entityId: id,
      detail: { userName: columns.userName, active: columns.active, changed: changedNames(before, after) },
    });
  });
}

/** The names of the attributes that differ. */
const changedNames = (before: Resource, after: Resource): string[] =>
  [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (name) => !isDeepStrictEqual(before[name], after[name]),
  );

/** Locks in the order of password changes, confirmations and removals, to prevent deadlocks. */
async function lockScimUser(ctx: ScimContext, tx: Prisma.TransactionClient, id: string): Promise<ScimUserRow> {
  const where = { provider_userId: { provider: ctx.provider, userId: id } };
  if (id.includes("\0") || !(await tx.scimUser.findUnique({ where, select: { userId: true } }))) throw userUnknown(id);
  await tx.$queryRaw`SELECT id FROM "LocalCredential" WHERE "userId" = ${id} FOR NO KEY UPDATE`;
  await tx.$queryRaw`SELECT id FROM "Email" WHERE "userId" = ${id} ORDER BY id FOR UPDATE`;
  await tx.$queryRaw`SELECT id FROM "User" WHERE id = ${id} FOR NO KEY UPDATE`;
  // Of several concurrent removals and changes, this sees what the ones before it did.
  const row = await tx.scimUser.findUnique({ where });
  if (!row) throw userUnknown(id);
  return row as typeof row & { attributes: Prisma.JsonObject };
}

/** Name, username and address, as far as they came from the provider: what people chose themselves stays. */
async function changePerson(
  ctx: ScimContext,
  tx: Prisma.TransactionClient,
  userId: string,
  { from, to }: { from: Person; to: Person },
): Promise<void> {
  if (from.address !== to.address) await changeAddress(ctx, tx, userId, { from: from.address, to: to.address });
  const { username } = await tx.user.findUniqueOrThrow({ where: { id: userId }, select: { username: true } });
  const isTheirs = from.username !== to.username && username === from.username;
  const data = {
    ...(from.fullName === to.fullName ? {} : { fullName: to.fullName }),
    ...(isTheirs ? { username: to.username, usernameKey: usernameKey(to.username) } : {}),
  };
  if (Object.keys(data).length === 0) return;
  await tx.user
    .update({ where: { id: userId }, data, select: { id: true } })
    .catch(unique("userName", `another account has the username ${to.username}`));
}

/**
 * Throws CONFLICT if the person proved an address that the provider does not speak for: with another one, whoever writes to the
 * directory would get a link for a new password, and with it the account.
 */
async function assertNotProvenElsewhere(ctx: ScimContext, tx: Prisma.TransactionClient, userId: string): Promise<void> {
  const proven = await tx.email.findMany({ where: { userId, proven: true }, select: { address: true } });
  const foreign = proven.find(({ address }) => !isTrustedFor(ctx, address));
  if (!foreign) return;
  throw new ScimError(
    "mutability",
    `emails: ${foreign.address} was proven by its owner, and emailDomains does not list its domain`,
    "CONFLICT",
  );
}

async function changeAddress(
  ctx: ScimContext,
  tx: Prisma.TransactionClient,
  userId: string,
  { from, to }: { from: string | undefined; to: string | undefined },
): Promise<void> {
  await assertNotProvenElsewhere(ctx, tx, userId);
  // Links that were sent to the old address end here.
  await tx.localCredential.updateMany({
    where: { userId },
    data: { resetTokenHash: null, resetTokenExpiresAt: null },
  });
  if (from !== undefined) await tx.email.deleteMany({ where: { userId, address: from } });
  if (to === undefined) return;
  await tx.email.updateMany({ where: { userId }, data: { primary: false } });
  const own = await tx.email.updateMany({ where: { userId, address: to }, data: { primary: true, verified: true } });
  if (own.count === 0) {
    await tx.email
      .create({ data: { userId, address: to, verified: true, proven: isTrustedFor(ctx, to) }, select: { id: true } })
      .catch(unique("emails", `another account has the address ${to}`));
  }
  if (from !== undefined) {
    await tx.roleBinding.updateMany({ where: { userId, namedAddress: from }, data: { namedAddress: to } });
  }
}
