import { assertGrantable } from "../../access/assertGrantable.ts";
import type { Context } from "../../access/context.ts";
import { recordAudit } from "../../platform/audit/recordAudit.ts";
import { parse } from "../../platform/errors/parse.ts";
import { IdOf } from "../../platform/input/input.ts";
import { lockAddresses } from "../invites/storeInvite.ts";
import { changePeople, type PersonChange } from "./changePeople.ts";
import { deleteOrganization } from "./deleteOrganization.ts";
import { lockOrganization } from "./lockOrganization.ts";
import { changeFrom, type OrganizationChange } from "./organizationChange.ts";
import { organizationNameConflict } from "./organizationInput.ts";
import { removeUnused } from "./removeUnused.ts";

/**
 * Changes the properties and the people of the Organization in the header `organization`, or deletes it, in one
 * transaction. Returns its ID and, in words, what was done. Throws as `changePeople` and `deleteOrganization` do, and
 * CONFLICT if the name is already in use.
 */
export async function changeOrganization(ctx: Context, args: unknown): Promise<{ id: string; message: string }> {
  const id = parse(IdOf, ctx.organization);
  const change = changeFrom(args);
  if (change.delete) {
    await deleteOrganization(ctx, id);
    return { id, message: "Organization deleted" };
  }
  for (const { list, argument } of change.people) {
    if (list === "addUsers")
      assertGrantable(ctx, "ORGANIZATION_USER", "ORGANIZATION", { organizationId: id }, argument);
    if (list === "addOwners")
      assertGrantable(ctx, "ORGANIZATION_OWNER", "ORGANIZATION", { organizationId: id }, argument);
  }
  const people = await store(ctx, id, change);
  return { id, message: messageFor(people) };
}

function store(ctx: Context, id: string, { data, people: named }: OrganizationChange): Promise<PersonChange[]> {
  return ctx.db.$transaction(async (tx) => {
    await lockAddresses(
      tx,
      named.flatMap(({ address }) => address ?? []),
    );
    await lockOrganization(tx, id);
    const { name } = await tx.organization
      .update({ where: { id }, data, select: { name: true } })
      .catch(organizationNameConflict());
    const people = await changePeople(ctx, tx, { id, name }, named);
    const removed = people.filter(({ change }) => change === "removed").map(({ userId }) => userId);
    await removeUnused(ctx, tx, removed);
    await recordAudit(ctx, tx, {
      action: "updateOrganization",
      entityType: "Organization",
      entityId: id,
      detail: { ...data, ...(people.length > 0 && { people: people.map((one) => ({ ...one })) }) },
    });
    return people;
  });
}

/** Such as "Organization updated; people: 2 added, 1 unchanged; 1 e-mail sent with a link to set a password". */
function messageFor(people: readonly PersonChange[]): string {
  const counts = Map.groupBy(people, ({ change }) => change);
  const mailed = people.filter((one) => one.mailed).length;
  const parts = [
    "Organization updated",
    ...(people.length > 0
      ? [`people: ${[...counts].map(([what, { length }]) => `${length} ${what}`).join(", ")}`]
      : []),
    ...(mailed > 0 ? [`${mailed} e-mail${mailed === 1 ? "" : "s"} sent with a link to set a password`] : []),
  ];
  return parts.join("; ");
}
