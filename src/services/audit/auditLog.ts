import { z } from "zod";
import { parse } from "../../platform/errors/parse.ts";
import { optional } from "../../platform/input/input.ts";
import { defineRead } from "../../query/defineRead.ts";
import { Filter, whereOf } from "./auditFilter.ts";

/** Entries of a page, and the most that can be requested. */
const DEFAULT_TAKE = 100;
const MAX_TAKE = 1_000;
const TAKE = `must be a whole number from 1 to ${MAX_TAKE}`;

const Input = z.object({
  ...Filter,
  take: z.int(TAKE).min(1, TAKE).max(MAX_TAKE, TAKE).nullish(),
  cursor: optional(z.string("must be an ID")),
});

/** A page of the entries that match the filter, newest first. The indexes end with the columns that order it. */
export const auditLog = defineRead({
  entity: "AuditEntry",
  many: true,
  toQuery(args) {
    const { take, cursor, ...filter } = parse(Input, args);
    const order = { by: ["createdAt", "id"] as const, descending: true };
    return { where: whereOf(filter), page: { take: take ?? DEFAULT_TAKE, cursor, maxTake: MAX_TAKE, order } };
  },
});
