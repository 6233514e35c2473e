import { badInput } from "../../../platform/errors/appError.ts";
import type { DagDeployment } from "./dagDeployment.ts";
import { repositoryAddress } from "./repositoryAddress.ts";

type Check = (value: never) => boolean;

// git would treat a name that starts with a hyphen as an option. The other rules are git's own for reference names.
const reference = (value: string) =>
  /^[^\s\p{Cc}~^:?*[\\]{1,255}$/u.test(value) &&
  !/^[-/.]|\.\.|@\{|\/\/|[/.]$|\.lock$/.test(value) &&
  value.isWellFormed();

const insideRepository = (value: string) => !/[\p{Cc}\\]/u.test(value) && !value.split("/").includes("..");

const lines = (value: string) => !/[^\P{Cc}\n\r\t]/u.test(value);

/** Checks beyond the types of the input, with their messages. */
const checks: { [field in keyof DagDeployment]?: [Check, string] } = {
  nfsLocation: [
    (value: string) => /^([\w.-]+|\[[\da-f:.]+\]):\/[^\s\p{Cc}]*$/iu.test(value) && !/^-|\/\.\.(\/|$)/.test(value),
    "must be host:/path, such as 10.0.0.7:/dags",
  ],
  branchName: [reference, "must be the name of a branch, such as main"],
  rev: [reference, "must be a tag or commit, such as v1.2.0"],
  dagDirectoryLocation: [insideRepository, "must be a folder inside the repository, such as dags"],
  sshKey: [
    (value: string) => lines(value) && !/^\s*(ssh|ecdsa|sk)-/.test(value),
    "must be a private key; this is a public key or not a key",
  ],
  knownHosts: [lines, "must be in the format of a known_hosts file"],
  authType: [(value: string) => methodOf(value) !== undefined, "must be ssh, https or none"],
  httpsUsername: [
    (value: string) => /^[^:\p{Cc}]{1,255}$/u.test(value),
    "must be a string of 1 to 255 characters without colons",
  ],
  httpsToken: [
    (value: string) => !/[\s\p{Cc}]/u.test(value) && value.length <= 8192,
    "must be a token of at most 8,192 characters without spaces",
  ],
  gitSyncRepoFetchMode: [(value: string) => /^(poll|webhook)$/i.test(value), "must be poll or webhook"],
};

/** How git authenticates. */
export type Method = "ssh" | "https" | "none";

/** The method in `authType`; clients use upper or lower case and may append words (`HTTPS_TOKEN`). */
export const methodOf = (authType: string): Method | undefined =>
  /^(ssh|https|none)([-_ ][\w -]{0,40})?$/i.exec(authType)?.[1]?.toLowerCase() as Method | undefined;

/** Throws BAD_USER_INPUT for the first invalid field. Messages never quote values. */
export function assertDagFields(given: DagDeployment, prefix = "dagDeployment."): void {
  if (given.repositoryUrl !== undefined) repositoryAddress(given.repositoryUrl, `${prefix}repositoryUrl`);
  for (const [field, [fits, message]] of Object.entries(checks)) {
    const value = given[field as keyof DagDeployment];
    if (value !== undefined && !fits(value as never)) throw badInput(`${prefix}${field}`, message);
  }
}
