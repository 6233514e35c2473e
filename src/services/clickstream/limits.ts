import { badInput } from "../../platform/errors/appError.ts";
import { countOf } from "./clickstreamInput.ts";

/**
 * Maximum number of Applications and of Connections in an Organization, and of Integrations of an Application. Anyone may
 * create an Organization, and lists are returned whole. An event router reads all Integrations of its Application with
 * their Connections, up to 128 KiB each: at most 25 MiB, which takes far less than the time limit of a statement.
 */
const limits = { Application: 1000, Connection: 1000, Integration: 200 };

/** Throws BAD_USER_INPUT if one more is too many. The row of the owner must be locked. */
export function assertBelowLimit(argument: string, owner: string, noun: keyof typeof limits, count: number): void {
  const max = limits[noun];
  if (count < max) return;
  throw badInput(argument, `the ${owner} already has ${countOf(max, noun)}, the maximum; delete one first`);
}
