import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { CredentialsError } from "./credentials.ts";
import type { Entry } from "./kubeconfigEntry.ts";

/** How a kubeconfig is read. */
export interface KubeconfigOptions {
  /**
   * True for a file of the operator: its entries may name other files. False for what a caller of the API provides: entries that
   * make this server read a file or trust anyone are refused.
   */
  files: boolean;
  /** The folder of the kubeconfig, for the relative paths in it. */
  folder?: string;
}

/** The text in `<key>-data` or in the file at `<key>`. The former takes precedence, as for kubectl. */
export function contentsOf(from: Entry, key: string, options: KubeconfigOptions): string | undefined {
  const file = fileAt(from, key, `use ${key}-data, which \`kubectl config view --minify --flatten\` writes`, options);
  const data = from.text(`${key}-data`);
  if (data === undefined) return file === undefined ? undefined : readNamed(file, `${from.path}.${key}`, options);
  if (!/^[A-Za-z0-9+/\s]+=*\s*$/.test(data)) throw new CredentialsError(`${from.path}.${key}-data must be base64`);
  return Buffer.from(data, "base64").toString("utf8");
}

/** The token in `tokenFile` or in `token`. The former takes precedence, as for kubectl, because it may change. */
export function tokenOf(user: Entry, options: KubeconfigOptions): string | undefined {
  const file = fileAt(user, "tokenFile", "use token", options);
  return file === undefined ? user.text("token") : readNamed(file, `${user.path}.tokenFile`, options).trim();
}

function fileAt(from: Entry, key: string, instead: string, { files }: KubeconfigOptions): string | undefined {
  if (!files) from.refuse(key, `it names a file; ${instead}`);
  return from.text(key);
}

function readNamed(file: string, key: string, { folder = "." }: KubeconfigOptions): string {
  try {
    return readFileSync(resolve(folder, file), "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new CredentialsError(`${key} names a file that cannot be read: ${code}`, { cause: error });
  }
}
