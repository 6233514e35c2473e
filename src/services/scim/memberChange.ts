import { groupType } from "./attributes.ts";
import type { Filter } from "./filter.ts";
import type { Operation } from "./operations.ts";
import { entriesOf, type Resource } from "./resource.ts";
import { ScimError } from "./scimError.ts";

/** Changes of the members of a group, reduced to what is left of them in the end. */
export interface MemberChange {
  /** false: members who are not added leave. */
  keep: boolean;
  add: ReadonlySet<string>;
  remove: ReadonlySet<string>;
}

/** A change of a group; what is undefined stays. */
export interface GroupChange {
  displayName?: string | undefined;
  /** null: none. */
  externalId?: string | null | undefined;
  members?: MemberChange | undefined;
}

/** Maximum number of members in one request: with all that clients send of each, they fit in the limit of a body. */
export const MAX_MEMBERS = 50_000;

/** The IDs in a list of members. Throws invalidValue for anything else, and for members that are not users. */
export function memberIds(given: unknown, path = "members"): string[] {
  if (given === undefined || given === null) return [];
  const list = Array.isArray(given) ? given : [given];
  if (list.length > MAX_MEMBERS) throw tooManyMembers();
  return list.map((one) => {
    if (typeof one === "string") return storable(one, path);
    const { value, type } = Object.fromEntries(
      entriesOf(one, path).map(([name, member]) => [name.toLowerCase(), member]),
    );
    if (typeof value !== "string")
      throw new ScimError("invalidValue", `${path}: every member must have a value, its ID`);
    if (typeof type === "string" && type.toLowerCase() === "group") {
      throw new ScimError("invalidValue", `${path}: groups cannot be members of groups`);
    }
    return storable(value, path);
  });
}

/** PostgreSQL rejects NUL in strings. No ID is long. */
function storable(id: string, path: string): string {
  if (id !== "" && id.length <= 100 && !id.includes("\0")) return id;
  throw new ScimError("invalidValue", `${path}: every value must be the ID of a user`);
}

const tooManyMembers = () =>
  new ScimError("tooMany", `members: must be at most ${MAX_MEMBERS.toLocaleString("en")} in one request`);

/** The members of a group in the body of a POST or PUT; undefined without any, which is not an empty list. */
export function membersOf(body: unknown): string[] | undefined {
  const given = entriesOf(body).find(([name]) => name.toLowerCase() === "members")?.[1];
  return given === undefined ? undefined : memberIds(given);
}

/** A PUT of a group. Members that are not in the body stay: nobody loses rights because a client left the list out. */
export function replaceGroup(resource: Resource, members: string[] | undefined): GroupChange {
  return {
    displayName: resource.displayName as string,
    externalId: (resource.externalId as string | undefined) ?? null,
    members: members && { keep: false, add: new Set(members), remove: new Set() },
  };
}

/**
 * What a PATCH of a group comes to. Operations on members become two sets, whatever their number: later ones win. Throws
 * noTarget if `displayName` is removed, invalidFilter for members that are chosen by anything but their IDs.
 */
export function patchGroup(operations: readonly Operation[]): GroupChange {
  const change: GroupChange = {};
  const members = new MemberSets();
  for (const operation of operations) {
    const { attribute } = operation.path;
    if (attribute.name === "members") {
      members.apply(operation);
      change.members = members;
    } else {
      patchText(change, operation);
    }
  }
  return change;
}

function patchText(change: GroupChange, { op, path, value }: Operation): void {
  const name = path.attribute.name as "displayName" | "externalId";
  const isGone = op === "remove" || value === null || value === "";
  if (isGone && name === "displayName") throw new ScimError("invalidValue", "displayName: is required");
  if (!isGone && typeof value !== "string") throw new ScimError("invalidValue", `${name}: must be a string`);
  if (name === "displayName") change.displayName = value as string;
  else change.externalId = isGone ? null : (value as string);
}

class MemberSets implements MemberChange {
  keep = true;
  readonly add = new Set<string>();
  readonly remove = new Set<string>();

  apply({ op, path, value }: Operation): void {
    const chosen = path.filter && chosenIds(path.filter);
    if (path.sub && path.sub.name !== "value") return;
    if (op === "remove") {
      // An empty list names nobody. Only a removal without a value empties the group.
      const isAll = !chosen && (value === undefined || value === null);
      if (isAll) this.#empty();
      else this.#take(chosen ?? memberIds(value));
      return;
    }
    if (chosen) throw new ScimError("invalidPath", "path: members are added or replaced without a filter");
    if (op === "replace") this.#empty();
    this.#give(memberIds(value));
  }

  #empty(): void {
    this.keep = false;
    this.add.clear();
    this.remove.clear();
  }

  #take(ids: readonly string[]): void {
    for (const id of ids) {
      this.add.delete(id);
      this.remove.add(id);
    }
  }

  #give(ids: readonly string[]): void {
    for (const id of ids) {
      this.remove.delete(id);
      this.add.add(id);
    }
    if (this.add.size > MAX_MEMBERS) throw tooManyMembers();
  }
}

/** The IDs that a filter such as `value eq "a" or value eq "b"` names. */
function chosenIds(filter: Filter): string[] {
  if (filter.kind === "or") return filter.filters.flatMap(chosenIds);
  const isId = filter.kind === "compare" && filter.operator === "eq" && filter.name.toLowerCase() === "value";
  if (isId && typeof filter.value === "string") return [storable(filter.value, "path")];
  throw new ScimError("invalidFilter", `path: ${groupType.name} members are chosen by value eq "<ID>"`);
}
