import { customAlphabet } from "nanoid";

const random = customAlphabet("0123456789abcdefghijklmnopqrstuvwxyz", 24);

/**
 * A new ID for a row that a hand-written statement inserts, in the form of the cuids that Prisma gives all others: "c" and
 * 24 characters of a-z and 0-9 (124 random bits).
 */
export const newId = () => `c${random()}`;
