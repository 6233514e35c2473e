import { z } from "zod";

/** Longer than any link in an e-mail. Removing white space takes quadratic time, and anyone may send a token. */
const MAX_PASTED = 2_000;

/** A link as in links.ts, without white space. A token is 43 characters long (secrets/tokens.ts). */
const LINK = /[?&](?:inviteToken|token)=([\w-]{1,43})/;

/**
 * The token that someone pasted from an e-mail: alone or as the whole link, with white space or line breaks around it.
 * Mail programs also wrap links, so white space inside a link is ignored. More than 2,000 characters are returned
 * unchanged.
 */
export function tokenFrom(pasted: string): string {
  if (pasted.length > MAX_PASTED) return pasted;
  const link = LINK.exec(pasted.replace(/[\s\p{Cf}]/gu, ""));
  return link?.[1] ?? pasted.replace(/^[\s\p{Cf}]+|[\s\p{Cf}]+$/gu, "");
}

/** The argument for a token from an e-mail, as `tokenFrom` reads it. */
export const MailToken = (message: string) => z.string(message).overwrite(tokenFrom);
