import { z } from "zod";

/** The five fields of a cron expression: the numbers in each, and the names that stand for some of them. */
const FIELDS: readonly { from: number; to: number; names?: readonly string[] }[] = [
  { from: 0, to: 59 },
  { from: 0, to: 23 },
  { from: 1, to: 31 },
  { from: 1, to: 12, names: ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"] },
  { from: 0, to: 7, names: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"] },
];

const MESSAGE =
  "must be a cron expression: five fields (minute, hour, day, month, weekday) of numbers, names, lists, ranges, * and /n";
const MAX_LENGTH = 200;

function isCron(text: string): boolean {
  if (text.length > MAX_LENGTH) return false;
  const fields = text.trim().split(/\s+/);
  return (
    fields.length === FIELDS.length &&
    fields.every((field, index) => field.split(",").every((part) => isPart(part, FIELDS[index] as Field)))
  );
}

type Field = (typeof FIELDS)[number];

/** A number, a range or "*", each with an optional step. */
function isPart(part: string, field: Field): boolean {
  const [, range = "", step] = /^([^/]+)(?:\/(\d{1,2}))?$/.exec(part) ?? [];
  if (step !== undefined && (Number(step) < 1 || Number(step) > field.to)) return false;
  if (range === "*") return true;
  const ends = range.split("-").map((end) => numberOf(end, field));
  const [from, to = from] = ends;
  return ends.length <= 2 && !ends.includes(undefined) && from !== undefined && to !== undefined && from <= to;
}

/** Undefined for what the field does not have. */
function numberOf(text: string, { from, to, names = [] }: Field): number | undefined {
  const name = names.indexOf(text.toLowerCase());
  if (name >= 0) return from + name;
  const number = /^\d{1,2}$/.test(text) ? Number(text) : -1;
  return number >= from && number <= to ? number : undefined;
}

/** A cron expression with five fields. Months and weekdays may have their English names of three letters. */
export const Cron = z.string(MESSAGE).refine(isCron, MESSAGE);
