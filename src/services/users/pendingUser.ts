import type { GraphQLResolveInfo } from "graphql";
import type { Tree } from "../../query/read.ts";
import { type Selected, selectionOf } from "../../query/selection.ts";

/** A user who has signed up and has to confirm the address, as they see themselves. */
export interface PendingUser {
  id: string;
  emailId: string;
  address: string;
  username: string;
  fullName: string;
  profile: Readonly<Record<string, string | number | boolean>>;
  createdAt: Date;
}

/**
 * The selected fields of a pending user, made from what was sent: a sign-up with an address that is already in use gets
 * the same answer, and then there is no row to read.
 */
export function pendingUser(info: GraphQLResolveInfo, given: PendingUser): Tree<"User"> {
  const { id, emailId, address, username, fullName, createdAt } = given;
  const times = { createdAt, updatedAt: createdAt };
  const email = { id: emailId, address, primary: true, token: null, verified: false, ...times };
  const user: Record<string, unknown> = { id, uuid: id, username, fullName, status: "pending", ...times };
  user.emails = [{ ...email, user }];
  user.teams = [];
  user.roleBindings = [];
  user.profile = new Columns({ profile: given.profile });
  return pick(user, selectionOf(info)) as Tree<"User">;
}

/** Columns from which the field of an entity is made, as a whole. */
class Columns {
  constructor(columns: object) {
    Object.assign(this, columns);
  }
}

function pick(value: unknown, fields: readonly Selected[]): unknown {
  if (fields.length === 0 || value === null || value instanceof Columns) return value;
  if (Array.isArray(value)) return value.map((item) => pick(item, fields));
  const row = value as Record<string, unknown>;
  return Object.fromEntries(fields.map(({ key, name, fields: below }) => [key, pick(row[name], below)]));
}
