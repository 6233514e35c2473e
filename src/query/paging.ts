import { z } from "zod";
import { badInput } from "../platform/errors/appError.ts";
import { optional } from "../platform/input/input.ts";
import type { Page } from "./page.ts";

/** The arguments of every paginated field. */
export const Paging = {
  take: z.int("must be a whole number").nullish(),
  cursor: optional(z.string("must be an ID")),
  pageNumber: z.int("must be a whole number").nonnegative("must be 0 or more").nullish(),
};

/**
 * The page for the arguments. `take: -1` without a cursor means all rows, as clients expect; otherwise a page has at
 * most `maxTake` rows, which is also the default. With a cursor, a negative take is the page before it.
 */
export function pageFrom(
  {
    take,
    cursor,
    pageNumber,
  }: { take?: number | null | undefined; cursor?: string | undefined; pageNumber?: number | null | undefined },
  maxTake: number,
): Pick<Page, "take" | "cursor" | "skip" | "maxTake"> {
  if (cursor !== undefined && pageNumber)
    throw badInput("cursor or pageNumber", "cannot be combined; send only one of them");
  if (take === 0) throw badInput("take", "must not be 0");
  if (take === -1 && cursor === undefined) return { take: undefined };
  const requested = take ?? maxTake;
  const size = Math.min(Math.abs(requested), maxTake);
  if (cursor !== undefined) return { take: Math.sign(requested) * size, cursor, maxTake };
  return { take: Math.sign(requested) * size, maxTake, ...(pageNumber ? { skip: pageNumber * size } : {}) };
}
