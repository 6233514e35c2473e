import { z } from "zod";
import { parse } from "../../platform/errors/parse.ts";
import { optional, Time } from "../../platform/input/input.ts";
import { defineRead } from "../../query/defineRead.ts";

/** Keys of a page, and the most that can be requested. */
const DEFAULT_TAKE = 100;
const MAX_TAKE = 1_000;
const TAKE = `must be a whole number from 1 to ${MAX_TAKE}`;

const Input = z.object({
  unusedSince: Time,
  expiresBefore: Time,
  take: z.int(TAKE).min(1, TAKE).max(MAX_TAKE, TAKE).nullish(),
  cursor: optional(z.string("must be an ID")),
});

/** A page of all keys that match the filters, oldest first. One that was never used counts as used when it was created. */
export const serviceAccountKeys = defineRead({
  entity: "ServiceAccountKey",
  many: true,
  toQuery(args) {
    const { unusedSince, expiresBefore, take, cursor } = parse(Input, args);
    const order = { by: ["keyCreatedAt", "id"] as const, descending: false };
    return {
      where: {
        also: [
          unusedSince && { between: ["lastUsedAt", "createdAt"] as const, to: unusedSince },
          expiresBefore && { between: "expiresAt" as const, to: expiresBefore },
        ],
      },
      page: { take: take ?? DEFAULT_TAKE, cursor, maxTake: MAX_TAKE, order },
    };
  },
});
