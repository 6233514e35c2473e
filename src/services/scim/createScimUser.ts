import { assertAdminStays } from "../../access/assertAdminStays.ts";
import { endSessions } from "../../access/endSessions.ts";
import type { Prisma } from "../../generated/prisma/client.ts";
import { AppError } from "../../platform/errors/appError.ts";
import { newId } from "../../platform/secrets/newId.ts";
import { acceptInvites, bindInvites } from "../users/acceptInvites.ts";
import { lockByAddress } from "../users/claimPending.ts";
import { discardPassword } from "../users/discardPassword.ts";
import { hasUsers } from "../users/firstSignUp.ts";
import { usernameKey } from "../users/usernameKey.ts";
import { type Person, personOf } from "./person.ts";
import { recordScim } from "./recordScim.ts";
import type { Resource } from "./resource.ts";
import type { ScimContext } from "./scimContext.ts";
import { ScimError } from "./scimError.ts";
import { isTrustedFor } from "./trusted.ts";
import { unique } from "./unique.ts";
import { columnsOf } from "./userRow.ts";

const KNOWN = "the provider already has this user";

/**
 * Creates a user for the provider, or links the account that already has the address if the provider is trusted for its
 * domain (`emailDomains`). Returns the ID. Throws CONFLICT if the provider has a user with this userName, and if another
 * account has the address or the username; FORBIDDEN before the first sign-up, so that a directory cannot keep the first
 * System Admin out.
 */
export async function createScimUser(ctx: ScimContext, resource: Resource): Promise<string> {
  const person = personOf(resource);
  const columns = columnsOf(resource);
  return ctx.db.$transaction(async (tx) => {
    if (!(await hasUsers(tx))) {
      throw new AppError("FORBIDDEN", "Houston has no System Admin yet: sign up first");
    }
    await assertNew(ctx, tx, columns.userNameKey);
    const linked = await link(ctx, tx, person);
    const userId = linked ?? (await create(ctx, tx, person));
    await tx.scimUser
      .create({ data: { provider: ctx.provider, userId, ...columns }, select: { userId: true } })
      .catch(unique("userName", KNOWN));
    if (!columns.active && linked !== undefined) {
      await assertAdminStays(tx, {}, userId, "active");
      await endSessions(tx, userId);
    }
    await recordScim(ctx, tx, {
      action: "createScimUser",
      entityType: "User",
      entityId: userId,
      detail: { userName: columns.userName, active: columns.active, linked: linked !== undefined },
    });
    return userId;
  });
}

/** Says that the user is known, before their address is found to be in use. The index decides of two at the same moment. */
async function assertNew({ provider }: ScimContext, tx: Prisma.TransactionClient, userNameKey: string): Promise<void> {
  const where = { provider_userNameKey: { provider, userNameKey } };
  if (await tx.scimUser.findUnique({ where, select: { userId: true } })) throw userNameTaken();
}

const userNameTaken = () => new ScimError("uniqueness", `userName: ${KNOWN}`, "CONFLICT");

/** The ID of the account with the address, which is now the provider's too; undefined if nobody has it. */
async function link(ctx: ScimContext, tx: Prisma.TransactionClient, person: Person): Promise<string | undefined> {
  const { address, fullName } = person;
  if (address === undefined) return undefined;
  const known = await lockByAddress(tx, address);
  if (!known) return undefined;
  if (!isTrustedFor(ctx, address)) {
    throw new ScimError("uniqueness", `emails: another account has the address ${address}`, "CONFLICT");
  }
  const { proven } = await tx.email.findUniqueOrThrow({ where: { address }, select: { proven: true } });
  // Whoever chose the password, or signed in with another provider, may only have known the address.
  if (!proven) {
    await tx.identity.deleteMany({ where: { userId: known.id, NOT: { provider: ctx.provider } } });
    await discardPassword(ctx, tx, { userId: known.id, address });
    await endSessions(tx, known.id);
  }
  await tx.email.update({
    where: { address },
    data: { verified: true, proven: true, confirmTokenHash: null, confirmTokenExpiresAt: null },
    select: { id: true },
  });
  await tx.user.update({
    where: { id: known.id },
    data: { status: "active", ...(fullName === "" ? {} : { fullName }) },
    select: { id: true },
  });
  return known.id;
}

async function create(ctx: ScimContext, tx: Prisma.TransactionClient, person: Person): Promise<string> {
  const { address, username, fullName } = person;
  const id = newId();
  const proven = address !== undefined && isTrustedFor(ctx, address);
  await tx.user
    .create({
      data: { id, username, usernameKey: usernameKey(username), fullName, status: "active", createdAt: ctx.now() },
      select: { id: true },
    })
    .catch(unique("userName", `another account has the username ${username}`));
  if (address === undefined) return id;
  await tx.email
    .create({ data: { userId: id, address, verified: true, proven }, select: { id: true } })
    .catch(unique("emails", `another account has the address ${address}`));
  if (proven) await bindInvites(ctx, tx, { userId: id, address }, await acceptInvites(tx, address, ctx.now()));
  return id;
}
