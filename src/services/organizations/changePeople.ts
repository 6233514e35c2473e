import { assertAdminStays } from "../../access/assertAdminStays.ts";
import type { Context } from "../../access/context.ts";
import { assertWithinReach } from "../../access/heldRole.ts";
import type { Prisma, Role } from "../../generated/prisma/client.ts";
import { AppError } from "../../platform/errors/appError.ts";
import { inviterName } from "../invites/storeInvite.ts";
import { userNotFound } from "../users/lockUser.ts";
import { type Account, lockAccounts } from "./lockAccounts.ts";
import { assertOnce, type Named } from "./organizationChange.ts";
import { assertSignUp, createAccount, type PersonRole, sendLink } from "./signUpPerson.ts";

/** What happened to one person. */
export interface PersonChange {
  userId: string;
  /** The role that they hold now; null for someone who was removed. */
  role: Role | null;
  change: "added" | "changed" | "removed" | "unchanged";
  /** Whether they got an e-mail with a link to set a password. */
  mailed: boolean;
}

/** An entry of a list, and what is stored about the person. */
interface Person extends Named {
  account: Account | undefined;
  held: { id: string; role: Role } | undefined;
}

interface Organization {
  id: string;
  name: string;
  /** Who adds the people, as e-mails name them. */
  inviterName: string;
}

/**
 * Adds, promotes, demotes and removes people, in the given order. The Organization must be locked. Throws
 * BAD_USER_INPUT for someone named twice, NOT_FOUND for unknown IDs and for someone to remove who is not in the
 * Organization, CONFLICT for the last Owner, FORBIDDEN for roles that the caller could not grant, FEATURE_DISABLED if
 * an address cannot be signed up.
 */
export async function changePeople(
  ctx: Context,
  tx: Prisma.TransactionClient,
  about: Omit<Organization, "inviterName">,
  named: readonly Named[],
): Promise<PersonChange[]> {
  const people = await load(tx, about, named);
  const organization = { ...about, inviterName: await inviterName(ctx, tx) };
  const changes: PersonChange[] = [];
  for (const person of people) changes.push(await change(ctx, tx, organization, person));
  return changes;
}

async function load(
  tx: Prisma.TransactionClient,
  { id: organizationId }: Pick<Organization, "id">,
  named: readonly Named[],
): Promise<Person[]> {
  const addresses = named.flatMap(({ address }) => address ?? []);
  const emails = await tx.email.findMany({ where: { address: { in: addresses } } });
  const idOf = new Map(emails.map(({ address, userId }) => [address, userId]));
  const identified = named.map((one) => ({ ...one, id: one.id ?? idOf.get(one.address ?? "") }));
  assertOnce(identified, ({ id }) => id);
  const ids = identified.flatMap(({ id }) => id ?? []);
  const accounts = new Map((await lockAccounts(tx, ids)).map((account) => [account.id, account]));
  const bindings = await tx.roleBinding.findMany({ where: { organizationId, userId: { in: ids } } });
  const held = new Map(bindings.map((binding) => [binding.userId, binding]));
  return identified.map((one) => ({ ...one, account: accounts.get(one.id ?? ""), held: held.get(one.id ?? "") }));
}

function change(
  ctx: Context,
  tx: Prisma.TransactionClient,
  organization: Organization,
  person: Person,
): Promise<PersonChange> {
  switch (person.list) {
    case "addOwners":
      return add(ctx, tx, organization, person, "ORGANIZATION_OWNER");
    case "addUsers":
      return add(ctx, tx, organization, person, "ORGANIZATION_USER");
    case "removeOwners":
      return remove(ctx, tx, organization, person, "ORGANIZATION_USER");
    case "removeUsers":
      return remove(ctx, tx, organization, person, null);
  }
}

async function add(
  ctx: Context,
  tx: Prisma.TransactionClient,
  { id: organizationId, name: organizationName, inviterName }: Organization,
  { argument, address, account: known, held }: Person,
  wanted: PersonRole,
): Promise<PersonChange> {
  if (!known && address === undefined) throw userNotFound(argument);
  const isPending = known?.status !== "active";
  if (isPending) assertSignUp(ctx, argument);
  const account = known ?? (await createAccount(ctx, tx, { address: address ?? "", argument }));
  const role = held?.role === "ORGANIZATION_OWNER" ? held.role : wanted;
  const userId = account.id;
  if (!held)
    await tx.roleBinding.create({
      data: { userId, organizationId, role, namedAddress: address ?? null },
      select: { id: true },
    });
  else if (held.role !== role) await setRole(tx, held.id, role);
  if (isPending) await sendLink(ctx, tx, account, { organizationName, inviterName, role });
  const change = held ? (held.role === role ? "unchanged" : "changed") : "added";
  return { userId, role, change, mailed: isPending };
}

/** Makes an Owner a User, or with `to: null` removes the person. */
async function remove(
  ctx: Context,
  tx: Prisma.TransactionClient,
  { id: organizationId }: Organization,
  { argument, account, held }: Person,
  to: PersonRole | null,
): Promise<PersonChange> {
  // The same for an unknown address or ID.
  if (!account || !held) throw new AppError("NOT_FOUND", `${argument}: is not in the Organization`, argument);
  const userId = account.id;
  const scope = { organizationId };
  assertWithinReach(ctx, held.role, scope);
  if (held.role === to) return { userId, role: to, change: "unchanged", mailed: false };
  if (held.role === "ORGANIZATION_OWNER") await assertAdminStays(tx, scope, userId, argument);
  if (to !== null) await setRole(tx, held.id, to);
  else await tx.roleBinding.delete({ where: { id: held.id }, select: { id: true } });
  return { userId, role: to, change: to === null ? "removed" : "changed", mailed: false };
}

const setRole = (tx: Prisma.TransactionClient, id: string, role: PersonRole) =>
  tx.roleBinding.update({ where: { id }, data: { role }, select: { id: true } });
