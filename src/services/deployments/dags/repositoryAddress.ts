import { badInput } from "../../../platform/errors/appError.ts";

/** The location of a git repository. */
export interface RepositoryAddress {
  scheme: "ssh" | "https";
  /** Scheme, host and port, which credentials belong to. */
  server: string;
  /** Only for https. */
  url?: URL;
}

const MESSAGE =
  "must be an https:// or ssh:// URL, or user@host:path, without a password (and, for https, without a user name)";

// Any path; user and host must not start with a hyphen, because ssh would treat them as an option.
const short = /^(?:[\w.][\w.-]*@)?([\w.][\w.-]*):(?!\/\/)[^\s\p{Cc}]+$/u;

/** Parses the address of a repository. Throws BAD_USER_INPUT, also for a password, which readers would see. */
export function repositoryAddress(address: string, argument: string): RepositoryAddress {
  if (/[\s\p{Cc}]/u.test(address)) throw badInput(argument, MESSAGE);
  const host = address.includes("://") ? undefined : short.exec(address)?.[1];
  if (host !== undefined) return { scheme: "ssh", server: `ssh://${host.toLowerCase()}` };
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (!url || url.password) throw badInput(argument, MESSAGE);
  if (url.hostname === "" || url.hostname.startsWith("-")) throw badInput(argument, MESSAGE);
  const path = url.pathname.replace(/^\/+|\/+$/g, "");
  const plain = path !== "" && url.search === "" && url.hash === "";
  if (url.protocol === "ssh:" && plain && !url.username.startsWith("-")) {
    return { scheme: "ssh", server: `ssh://${url.host.toLowerCase()}` };
  }
  // A user name alone may also be a token.
  if (url.protocol === "https:" && plain && url.username === "") return { scheme: "https", server: url.origin, url };
  throw badInput(argument, MESSAGE);
}
