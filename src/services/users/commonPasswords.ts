import { readFileSync } from "node:fs";

/** Lines of the file; those that begin with "#" and a space, or are "#", say where the list comes from. */
const common = new Set(
  readFileSync(new URL("./commonPasswords.txt", import.meta.url), "utf8")
    .split("\n")
    .filter((line) => !/^#( |$)/.test(line)),
);

/** True for one of the 11,611 passwords of at least 8 characters that are most common, in any case. */
export const isCommonPassword = (password: string): boolean => common.has(password.toLowerCase());
