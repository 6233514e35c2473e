import { badInput } from "../../../platform/errors/appError.ts";
import type { DagDeployment } from "./dagDeployment.ts";
import { repositoryAddress } from "./repositoryAddress.ts";

type Check = (value: never) => boolean;

// A name that starts with a hyphen would be an option to git; what git refuses in names of references it refuses here.
const reference = (value: string) =>
  /^[^\s\p{Cc}~^:?*[\\]{1,255}$/u.test(value) &&
  !/^[-/.]|\.\.|@\{|\/\/|[/.]$|\.lock$/.test(value) &&
  value.isWellFormed();

const insideRepository = (value: string) => !/[\p{Cc}\\]/u.test(value) && !value.split("/").includes("..");

const lines = (value: string) => !/[^\P{Cc}\n\r\t]/u.test(value);

/** What a field needs to be, in words, beside what the input's types say. */
const checks: { [field in keyof DagDeployment]?: [Check, string] } = {
  nfsLocation: [
    (value: string) => /^([\w.-]+|\[[\da-f:.]+\]):\/[^\s\p{Cc}]*$/iu.test(value) && !/^-|\/\.\.(\/|$)/.test(value),
    "needs host:/path, such as 10.0.0.7:/dags",
  ],
  branchName: [reference, "needs the name of a branch, such as main"],
  rev: [reference, "needs a tag or commit, such as v1.2.0"],
  dagDirectoryLocation: [insideRepository, "needs a folder inside the repository, such as dags"],
  sshKey: [
    (value: string) => lines(value) && !/^\s*(ssh|ecdsa|sk)-/.test(value),
    "needs the private key; this looks like a public one or no key at all",
  ],
  knownHosts: [lines, "needs lines as in a known_hosts file"],
  authType: [(value: string) => methodOf(value) !== undefined, "needs ssh, https or none"],
  httpsUsername: [
    (value: string) => /^[^:\p{Cc}]{1,255}$/u.test(value),
    "needs at most 255 characters, none of them a colon",
  ],
  httpsToken: [
    (value: string) => !/[\s\p{Cc}]/u.test(value) && value.length <= 8192,
    "needs a token without spaces, at most 8,192 characters",
  ],
  gitSyncRepoFetchMode: [(value: string) => /^(poll|webhook)$/i.test(value), "needs poll or webhook"],
};

/** How git signs in. */
export type Method = "ssh" | "https" | "none";

/** The method that `authType` names; clients spell it in upper or lower case, with words after it (`HTTPS_TOKEN`). */
export const methodOf = (authType: string): Method | undefined =>
  /^(ssh|https|none)([-_ ][\w -]{0,40})?$/i.exec(authType)?.[1]?.toLowerCase() as Method | undefined;

/** Throws BAD_USER_INPUT for the first given field of the wrong form. No message repeats a value. */
export function assertDagFields(given: DagDeployment, prefix = "dagDeployment."): void {
  if (given.repositoryUrl !== undefined) repositoryAddress(given.repositoryUrl, `${prefix}repositoryUrl`);
  for (const [field, [fits, message]] of Object.entries(checks)) {
    const value = given[field as keyof DagDeployment];
    if (value !== undefined && !fits(value as never)) throw badInput(`${prefix}${field}`, message);
  }
}
