import { badInput } from "../../../platform/errors/appError.ts";

/** Where a git repository lies. */
export interface RepositoryAddress {
  scheme: "ssh" | "https";
  /** Scheme, host and port: credentials belong to this. */
  server: string;
  /** For https only. */
  url?: URL;
}

const NEEDED =
  "needs an https:// or ssh:// address, or user@host:path, without a password (over https without a user name too)";

// The path is anything; user and host must not start with a hyphen, which ssh would take for an option.
const short = /^(?:[\w.][\w.-]*@)?([\w.][\w.-]*):(?!\/\/)[^\s\p{Cc}]+$/u;

/** Reads the address of a repository. Throws BAD_USER_INPUT naming `argument`: a password in it would be shown to readers. */
export function repositoryAddress(address: string, argument: string): RepositoryAddress {
  if (/[\s\p{Cc}]/u.test(address)) throw badInput(argument, NEEDED);
  const host = address.includes("://") ? undefined : short.exec(address)?.[1];
  if (host !== undefined) return { scheme: "ssh", server: `ssh://${host.toLowerCase()}` };
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (!url || url.password) throw badInput(argument, NEEDED);
  if (url.hostname === "" || url.hostname.startsWith("-")) throw badInput(argument, NEEDED);
  const path = url.pathname.replace(/^\/+|\/+$/g, "");
  const plain = path !== "" && url.search === "" && url.hash === "";
  if (url.protocol === "ssh:" && plain && !url.username.startsWith("-")) {
    return { scheme: "ssh", server: `ssh://${url.host.toLowerCase()}` };
  }
  // A user name alone may be a token too.
  if (url.protocol === "https:" && plain && url.username === "") return { scheme: "https", server: url.origin, url };
  throw badInput(argument, NEEDED);
}
