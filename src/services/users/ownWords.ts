import type { Context } from "../../access/context.ts";
import { badInput } from "../../platform/errors/appError.ts";

/** The names under which a user is known. */
interface Named {
  username: string;
  addresses: readonly string[];
}

const PRODUCT = ["houston", "astronomer", "airflow", "apache airflow"];

/**
 * Throws BAD_USER_INPUT if a new password is the user's name or address, or the name of the product, with or without
 * digits and punctuation around it: others guess these first.
 */
export function assertNotOwnWord(
  { config }: Pick<Context, "config">,
  password: string,
  { username, addresses }: Named,
  argument: string,
): void {
  const words = [username, ...addresses, ...addresses.map((address) => address.split("@", 1)[0] ?? "")];
  const guesses = [...words, ...PRODUCT, config.appSubName].flatMap((word) => [lower(word), letters(word)]);
  if (guesses.some((guess) => guess !== "" && [lower(password), letters(password)].includes(guess))) {
    throw badInput(argument, "must not be your name or e-mail address, nor the name of the product");
  }
}

const lower = (text: string) => text.normalize("NFKC").toLowerCase();

/** Without what is not a letter at both ends. */
const letters = (text: string) => lower(text).replace(/^[^\p{L}]+|[^\p{L}]+$/gu, "");
