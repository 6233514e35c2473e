import { z } from "zod";
import { parse } from "../../platform/errors/parse.ts";
import { optional } from "../../platform/input/input.ts";
import { defineRead } from "../../query/defineRead.ts";

/** Rows of a page, and the most that can be requested. */
const DEFAULT_TAKE = 100;
const MAX_TAKE = 1_000;
const TAKE = `must be a whole number from 1 to ${MAX_TAKE}`;

const Input = z.object({
  onlyProblems: z.boolean("must be true or false").nullish(),
  take: z.int(TAKE).min(1, TAKE).max(MAX_TAKE, TAKE).nullish(),
  cursor: optional(z.string("must be an ID")),
});

/** A page of what Houston keeps on clusters, oldest first. */
export const provisions = defineRead({
  entity: "Provision",
  many: true,
  toQuery(args) {
    const { onlyProblems, take, cursor } = parse(Input, args);
    const order = { by: ["createdAt", "id"] as const, descending: false };
    return {
      where: { also: [onlyProblems ? { between: "problemSince" as const, from: new Date(0) } : undefined] },
      page: { take: take ?? DEFAULT_TAKE, cursor, maxTake: MAX_TAKE, order },
    };
  },
});
