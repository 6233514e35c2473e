import { badInput } from "../../platform/errors/appError.ts";
import type { Destination } from "./lockRows.ts";
import type { Prototype } from "./prototype.ts";
import { prototypeByCode, prototypes } from "./prototypes.ts";

/** What a mutation did. */
export interface Changed {
  id: string;
  message: string;
}

/**
 * True to delete, false to make `changes`, which lists every possible one. Throws BAD_USER_INPUT for both together, and
 * if there is nothing to do.
 */
export function isDeletion(remove: boolean | undefined, changes: Record<string, unknown>): boolean {
  const names = Object.keys(changes);
  const given = names.filter((name) => changes[name] !== undefined);
  if (remove && given.length > 0) throw badInput("delete", `cannot be combined with ${given.join(", ")}`);
  if (!remove && given.length === 0) throw badInput([...names, "delete"].join(", "), "one of them is required");
  return remove === true;
}

/** The prototype of a destination. Throws BAD_USER_INPUT with the known codes. */
export function prototypeFor(integrationCode: string): Prototype {
  const known = prototypeByCode(integrationCode);
  if (known) return known;
  throw badInput("integrationCode", `must be one of ${prototypes.map(({ code }) => code).join(", ")}`);
}

/** Throws BAD_USER_INPUT unless the Organization has the Connection and it is for the destination. */
export function assertUsable(connection: Destination | undefined, integrationCode: string): void {
  if (!connection) throw badInput("connectionId", "unknown Connection of this Organization");
  const { integrationCode: its } = connection;
  if (its !== integrationCode) {
    throw badInput("connectionId", `must be a Connection for ${integrationCode}; it is for ${its}`);
  }
}

/** `3 Integrations` */
export const countOf = (count: number, noun: string) =>
  `${count.toLocaleString("en-US")} ${noun}${count === 1 ? "" : "s"}`;

/** The properties that are not undefined, for Prisma. */
export const given = <T extends object>(values: T) =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [Name in keyof T]?: Exclude<T[Name], undefined>;
  };
