import { availableParallelism } from "node:os";
import bcrypt from "bcrypt";
import pLimit from "p-limit";
import { z } from "zod";
import { isCommonPassword } from "./commonPasswords.ts";

/** bcrypt ignores further bytes, so longer passwords are rejected instead of silently truncated. In bytes of UTF-8. */
const MAX_BYTES = 72;

/** Stored instead of a hash for users without a password. No password matches it. */
export const NO_PASSWORD = "!";

/**
 * How many passwords are hashed at the same time; others wait for their turn. Node has four threads for this and for the
 * compression of responses, which sign-ins must not hold up.
 */
const inTurn = pLimit(Math.min(availableParallelism(), 3));
const hash = (text: string, cost: number) => inTurn(() => bcrypt.hash(text, cost));
const compare = (text: string, to: string) => inTurn(() => bcrypt.compare(text, to));

const normalized = (password: string) => password.normalize("NFKC");
const fits = (password: string) => Buffer.byteLength(password) <= MAX_BYTES;

/**
 * A new password: at least 8 characters, at most 72 bytes of UTF-8, any characters, not one that many people have.
 * Normalized (NFKC), because keyboards may encode the same letter differently.
 */
export const Password = z
  .string("must be a string of at least 8 characters")
  .refine((password) => password.isWellFormed(), "must be valid Unicode")
  .transform(normalized)
  .refine((password) => [...password].length >= 8, "must be a string of at least 8 characters")
  .refine(fits, `must be at most ${MAX_BYTES} bytes in UTF-8`)
  .refine((password) => !isCommonPassword(password), "must not be a password that many people use; choose another one");

/** The bcrypt hash of a password; `cost` is `auth.local.passwordCost`. */
export const hashPassword = (password: string, cost: number): Promise<string> => hash(normalized(password), cost);

/**
 * True if `password` matches `hash`, whose cost may be lower than `cost`. Takes the same time if there is no hash, or
 * none that can match. Hashes that were made of a password as it was typed match too.
 */
export async function passwordMatches(password: string, hash: string | undefined, cost: number): Promise<boolean> {
  const forms = new Set([normalized(password), password, password.normalize("NFC")]);
  let matches = false;
  for (const form of forms) {
    const stored = hash !== undefined && hash !== NO_PASSWORD && fits(form) ? hash : undefined;
    const found = await compare(form, stored ?? decoy(cost));
    if (stored !== undefined && found) matches = true;
    // Together with these, a hash of lower cost takes as long as one of `cost`.
    for (let rounds = costOf(stored) ?? cost; rounds < cost; rounds++) await compare(form, decoy(rounds));
  }
  return matches;
}

/** The hash to store instead of `hash`, which `password` matches, or undefined if it has the right cost and form. */
export async function renewedHash(password: string, hash: string, cost: number): Promise<string | undefined> {
  const candidate = normalized(password);
  if (!fits(candidate)) return undefined;
  const isCurrent = (costOf(hash) ?? 0) >= cost && (candidate === password || (await compare(candidate, hash)));
  return isCurrent ? undefined : hashPassword(candidate, cost);
}

const costOf = (hash: string | undefined): number | undefined => {
  const cost = /^\$2[aby]\$(\d\d)\$/.exec(hash ?? "")?.[1];
  return cost === undefined ? undefined : Number(cost);
};

/** Salt and hash of a random value. */
const tail = bcrypt.hashSync(crypto.randomUUID(), 4).slice("$2b$04$".length);

/** A hash that no password matches. Comparing with it takes as long as with any other of its cost. */
const decoy = (cost: number) => `$2b$${String(cost).padStart(2, "0")}$${tail}`;
