import bcrypt from "bcrypt";
import { z } from "zod";

/** Rounds of bcrypt as a power of two: about 60 ms for each password on a server of today. */
const COST = 10;

/** bcrypt reads no further than this, so a longer password is refused instead of silently cut. In bytes of UTF-8. */
const MAX_BYTES = 72;

/** Stored in place of a hash for a person who has no password yet. Nothing matches it. */
export const NO_PASSWORD = "!";

/** A hash of something nobody knows: comparing with it takes the time that a real comparison takes. */
const decoy = bcrypt.hashSync(crypto.randomUUID(), COST);

const normalised = (password: string) => password.normalize("NFKC");
const fits = (password: string) => Buffer.byteLength(password) <= MAX_BYTES;

/**
 * A password somebody chooses: 8 characters or more, at most 72 bytes of UTF-8, any characters. Normalised (NFKC), so that
 * keyboards which write the same letter in different bytes agree.
 */
export const Password = z
  .string("needs a text of 8 characters or more")
  .refine((password) => password.isWellFormed(), "needs valid Unicode")
  .transform(normalised)
  .refine((password) => [...password].length >= 8, "needs 8 characters or more")
  .refine(fits, `needs at most ${MAX_BYTES} bytes in UTF-8`);

/** The bcrypt hash of a password that `Password` has read. */
export const hashPassword = (password: string): Promise<string> => bcrypt.hash(password, COST);

/** True if `password` is the one behind `hash`. Takes as long when there is no hash, or none that could match. */
export async function passwordMatches(password: string, hash: string | undefined): Promise<boolean> {
  const presented = normalised(password);
  const possible = hash !== undefined && hash !== NO_PASSWORD && fits(presented);
  const matches = await bcrypt.compare(presented, possible ? hash : decoy);
  return possible && matches;
}
