import { randomText } from "./secrets.ts";

const alphabet = "0123456789abcdefghijklmnopqrstuvwxyz";

/**
 * A new id for a row that a hand-written statement inserts, in the form of the cuids that Prisma gives all others: "c" and
 * 24 characters of a-z and 0-9 (124 random bits).
 */
export const newId = () => `c${randomText(alphabet, 24)}`;
