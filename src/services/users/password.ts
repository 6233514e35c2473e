import bcrypt from "bcrypt";
import { z } from "zod";

/** Rounds of bcrypt as a power of two: about 60 ms per password on a current server. */
const COST = 10;

/** bcrypt ignores further bytes, so longer passwords are rejected instead of silently truncated. In bytes of UTF-8. */
const MAX_BYTES = 72;

/** Stored instead of a hash for users without a password. No password matches it. */
export const NO_PASSWORD = "!";

/** A hash of a random value, so that a comparison takes the same time without a stored hash. */
const decoy = bcrypt.hashSync(crypto.randomUUID(), COST);

const normalized = (password: string) => password.normalize("NFKC");
const fits = (password: string) => Buffer.byteLength(password) <= MAX_BYTES;

/**
 * A new password: at least 8 characters, at most 72 bytes of UTF-8, any characters. Normalized (NFKC), because keyboards
 * may encode the same letter differently.
 */
export const Password = z
  .string("must be a string of at least 8 characters")
  .refine((password) => password.isWellFormed(), "must be valid Unicode")
  .transform(normalized)
  .refine((password) => [...password].length >= 8, "must be a string of at least 8 characters")
  .refine(fits, `must be at most ${MAX_BYTES} bytes in UTF-8`);

/** The bcrypt hash of a password parsed by `Password`. */
export const hashPassword = (password: string): Promise<string> => bcrypt.hash(password, COST);

/** True if `password` matches `hash`. Takes the same time if there is no hash, or none that can match. */
export async function passwordMatches(password: string, hash: string | undefined): Promise<boolean> {
  const candidate = normalized(password);
  const possible = hash !== undefined && hash !== NO_PASSWORD && fits(candidate);
  const matches = await bcrypt.compare(candidate, possible ? hash : decoy);
  return possible && matches;
}
