import { badInput } from "../../platform/errors/appError.ts";
import { overlap } from "../../platform/input/cidr.ts";
import { type Ranges, ranges } from "./clusterFields.ts";

/**
 * Throws BAD_USER_INPUT, naming both, if a given range overlaps another given or stored range of the cluster. The DR
 * region takes over what runs in the other one and is connected to it, so its ranges count too.
 */
export function assertApart(given: Ranges, stored: Ranges = {}): void {
  const after = { ...stored, ...definedIn(given) };
  for (const [n, field] of ranges.entries()) {
    for (const other of ranges.slice(0, n)) {
      const [range, otherRange] = [after[field], after[other]];
      if (range === undefined || otherRange === undefined || !overlap(range, otherRange)) continue;
      if (given[field] !== undefined) throw overlapping(field, other, otherRange);
      if (given[other] !== undefined) throw overlapping(other, field, range);
    }
  }
}

const overlapping = (field: string, other: string, range: string) =>
  badInput(field, `must not overlap with ${other} (${range})`);

const definedIn = (given: Ranges): Ranges =>
  Object.fromEntries(ranges.flatMap((field) => (given[field] === undefined ? [] : [[field, given[field]]])));
