import { isDeepStrictEqual } from "node:util";
import { type Attribute, userType } from "./attributes.ts";
import type { Filter } from "./filter.ts";
import { booleanOf, matches, subAttribute } from "./matches.ts";
import type { Operation } from "./operations.ts";
import { assertComplete, attributesOf, type Resource } from "./resource.ts";
import { ScimError } from "./scimError.ts";
import { type Complex, comparable, isPrimary, toSingle, toValue, type Value } from "./values.ts";

/** Attributes whose values clients tell apart by their type: a new value of a type takes the place of the old one. */
const ONE_PER_TYPE = new Set(["emails", "phoneNumbers", "addresses"]);

/**
 * The user after the operations of a PATCH; the given one is unchanged. All or none of them: throws invalidValue for a value
 * of a wrong type and for a user without a userName, mutability if `active` is removed, noTarget for values that no filter
 * says how to create.
 */
export function patchUser(before: Resource, operations: readonly Operation[]): Resource {
  const user = structuredClone(before);
  for (const operation of operations) apply(user, operation);
  for (const { id } of userType.extensions) {
    if (Object.keys(attributesOf(user, id)).length === 0) delete user[id];
  }
  assertComplete(userType, user);
  return user;
}

function apply(user: Resource, operation: Operation): void {
  const { attribute, extension, sub } = operation.path;
  // Ignored, as in a POST: nobody signs in with it.
  if (attribute.mutability === "writeOnly") return;
  const attributes = attributesOf(user, extension);
  const stored = attributes[attribute.name];
  const after = attribute.multiValued
    ? patchList(operation, (stored ?? []) as Complex[])
    : sub
      ? patchSub(operation, sub, (stored ?? {}) as Complex)
      : patchSingle(operation, stored);
  if (after === undefined && attribute.name === "active") {
    throw new ScimError("mutability", "active: must be true or false, and cannot be removed");
  }
  if (after === undefined) delete attributes[attribute.name];
  else attributes[attribute.name] = after;
}

function patchSingle({ op, path: { attribute }, value }: Operation, stored: Value | undefined): Value | undefined {
  const given = op === "remove" ? undefined : toValue(attribute, value);
  if (given === undefined) return op === "add" ? stored : undefined;
  if (attribute.type !== "complex" || stored === undefined) return given;
  // Sub-attributes that are not named stay (RFC 7644, section 3.5.2.3).
  return { ...(stored as Complex), ...(given as Complex) };
}

/** A complex value with one sub-attribute changed; undefined if none is left. */
function patchSub({ op, path, value }: Operation, sub: Attribute, stored: Complex): Complex | undefined {
  const after = { ...stored };
  const given = op === "remove" ? undefined : toSingle(sub, value, `${path.attribute.name}.${sub.name}`);
  if (given !== undefined) after[sub.name] = given as string | boolean;
  else if (op !== "add") delete after[sub.name];
  return Object.keys(after).length === 0 ? undefined : after;
}

function patchList(operation: Operation, stored: readonly Complex[]): Complex[] | undefined {
  const after = changedList(operation, stored);
  const list = withOnePrimary(after, stored);
  if (list.length === 0) return undefined;
  // Checks the number of values, and changes nothing else.
  return toValue(operation.path.attribute, list) as Complex[];
}

function changedList(operation: Operation, stored: readonly Complex[]): Complex[] {
  const { op, path, value } = operation;
  const { attribute, sub, filter } = path;
  if (filter !== undefined || sub) return changedValues(operation, stored);
  const given = (toValue(attribute, value) ?? []) as Complex[];
  switch (op) {
    case "replace":
      return given;
    case "add":
      return given.reduce((list, one) => withAdded(attribute, list, one), [...stored]);
    case "remove":
      // Without a value all of them; with one only those, as Entra means it.
      return value === undefined || value === null
        ? []
        : stored.filter((one) => !given.some((gone) => isSame(one, gone)));
  }
}

const isSame = (one: Complex, other: Complex) =>
  other.value === undefined ? isDeepStrictEqual(one, other) : one.value === other.value;

function withAdded(attribute: Attribute, list: readonly Complex[], added: Complex): Complex[] {
  if (list.some((one) => isDeepStrictEqual(one, added))) return [...list];
  const [typed] = (attribute.subAttributes ?? []).filter(({ name }) => name === "type");
  const kindOf = ({ type }: Complex) => (typed && typeof type === "string" ? comparable(typed, type) : undefined);
  const kind = ONE_PER_TYPE.has(attribute.name) ? kindOf(added) : undefined;
  return [...list.filter((one) => kind === undefined || kindOf(one) !== kind), added];
}

/** The list after a change of the values that the filter selects, or of one sub-attribute of all values. */
function changedValues(operation: Operation, stored: readonly Complex[]): Complex[] {
  const { op, path, value } = operation;
  const { attribute, sub, filter } = path;
  const isChosen = (one: Complex) => filter === undefined || matches(attribute, one, filter);
  // Also when there is no value that it could be applied to.
  if (filter) matches(attribute, {}, filter);
  const change = (one: Complex): Complex | undefined => {
    if (sub) return patchSub(operation, sub, one);
    if (op === "remove") return undefined;
    const given = toSingle(attribute, value, attribute.name) as Complex | undefined;
    return op === "add" ? { ...one, ...given } : { ...criteriaOf(attribute, filter), ...given };
  };
  if (op !== "remove" && !stored.some(isChosen)) {
    const created = change(newValue(attribute, filter));
    return created ? [...stored, created] : [...stored];
  }
  return stored.map((one) => (isChosen(one) ? change(one) : one)).filter((one) => one !== undefined);
}

/** A value that meets the filter, for a client that sets what does not exist yet. Throws noTarget if that is not clear. */
function newValue(attribute: Attribute, filter: Filter | undefined): Complex {
  const value = criteriaOf(attribute, filter);
  if (filter === undefined || matches(attribute, value, filter)) return value;
  throw new ScimError("noTarget", `path: no value of ${attribute.name} meets the filter`);
}

/** What the `eq` comparisons of a filter say about a value that meets it. */
function criteriaOf(attribute: Attribute, filter: Filter | undefined): Complex {
  if (filter?.kind === "and") {
    return Object.assign({}, ...filter.filters.map((one) => criteriaOf(attribute, one))) as Complex;
  }
  if (filter?.kind !== "compare" || filter.operator !== "eq" || filter.value === null) return {};
  const sub = subAttribute(attribute, filter.name);
  const value = sub.type === "boolean" ? booleanOf(filter.value) : String(filter.value);
  return value === undefined ? {} : { [sub.name]: value };
}

/** A value that becomes primary takes that from the others. */
function withOnePrimary(list: Complex[], before: readonly Complex[]): Complex[] {
  const chosen = list.filter(isPrimary);
  if (chosen.length < 2) return list;
  const fresh = chosen.filter((one) => !before.some((old) => isDeepStrictEqual(old, one)));
  if (fresh.length !== 1) return list;
  return list.map((one) => (isPrimary(one) && one !== fresh[0] ? { ...one, primary: false } : one));
}
