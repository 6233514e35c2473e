import type { Config } from "../../../platform/config/config.ts";
import { type BoundedResponse, getBounded } from "../../../platform/outbound/getBounded.ts";
import { HostNotAllowed, resolveAllowed } from "../../../platform/outbound/resolveAllowed.ts";

/** The result of trying credentials on a git server. */
export type Category =
  | "VALID"
  | "AUTHENTICATION_FAILED"
  | "REPOSITORY_NOT_FOUND"
  | "NOT_A_GIT_REPOSITORY"
  | "HOST_NOT_ALLOWED"
  | "TLS_FAILED"
  | "UNREACHABLE";

export interface Verdict {
  category: Category;
  /** For users. Contains nothing that the server or the caller sent. */
  message: string;
}

/** Servers redirect the URL of a repository without `.git` to the one with it. */
const MAX_REDIRECTS = 3;

/** Enough for the first line, which names the service, and an error after it. */
const MAX_BYTES = 1024;

const SERVICE = "info/refs";
const TYPE = "application/x-git-upload-pack-advertisement";
const FIRST_LINE = "001e# service=git-upload-pack\n";

const verdict = (category: Category, message: string): Verdict => ({ category, message });

/**
 * Requests a repository's references from a git server, as git does before fetching. Does not throw for server or network
 * errors. Takes at most `deployments.gitSync.timeout`, connects only to hosts that `deployments.gitSync` allows, and
 * follows no redirect to another server.
 */
export async function listGitRefs(
  { deployments: { gitSync } }: Config,
  repository: URL,
  credentials: { username: string; token: string },
): Promise<Verdict> {
  const signal = AbortSignal.timeout(gitSync.timeout);
  const basic = Buffer.from(`${credentials.username}:${credentials.token}`).toString("base64");
  const headers = { authorization: `Basic ${basic}`, "user-agent": "git/2.47.0 (houston)", accept: "*/*" };
  let url = new URL(`${repository.href.replace(/\/+$/, "")}/${SERVICE}?service=git-upload-pack`);
  try {
    const addresses = await resolveAllowed(url, gitSync.allowPrivateNetworks ? "private" : "public", signal);
    for (let hop = 0; hop <= MAX_REDIRECTS; hop += 1) {
      const { extraCertificates } = gitSync;
      const response = await getBounded(url, { headers, addresses, signal, maxBytes: MAX_BYTES, extraCertificates });
      const next = redirectOf(response, url);
      if (next === undefined) return verdictOn(response);
      if (next.origin !== url.origin) return otherServer;
      if (!next.pathname.endsWith(`/${SERVICE}`)) return noRepository;
      url = next;
    }
    return verdict("UNREACHABLE", "The git server redirects the request too often.");
  } catch (error) {
    return verdictOnFailure(error, signal, gitSync.timeout);
  }
}

const otherServer = verdict(
  "HOST_NOT_ALLOWED",
  "The git server redirects to another server; use the final URL of the repository.",
);
const noRepository = verdict("NOT_A_GIT_REPOSITORY", "There is no git repository at this URL.");

function redirectOf({ status, headers: { location } }: BoundedResponse, url: URL): URL | undefined {
  if (![301, 302, 303, 307, 308].includes(status) || location === undefined) return undefined;
  return URL.canParse(location, url.href) ? new URL(location, url) : undefined;
}

function verdictOn({ status, headers, start }: BoundedResponse): Verdict {
  if (status === 401 || status === 403) {
    return verdict("AUTHENTICATION_FAILED", "The git server rejected these credentials for the repository.");
  }
  if (status === 404 || status === 410) return notFound;
  if (status === 429 || status >= 500) {
    return verdict("UNREACHABLE", `The git server is temporarily unavailable (HTTP status ${status}); try again.`);
  }
  const text = start.toString("latin1");
  const speaksGit = status === 200 && headers["content-type"] === TYPE && text.startsWith(FIRST_LINE);
  if (!speaksGit) return noRepository;
  // Some servers report it in the first line after the flush packet.
  if (/^0000[\da-f]{4}ERR /.test(text.slice(FIRST_LINE.length))) return notFound;
  return verdict("VALID", "The git server grants access to the repository.");
}

const notFound = verdict(
  "REPOSITORY_NOT_FOUND",
  "The repository does not exist, or these credentials have no access to it.",
);

function verdictOnFailure(error: unknown, signal: AbortSignal, timeout: number): Verdict {
  if (error instanceof HostNotAllowed) {
    return verdict("HOST_NOT_ALLOWED", "The host is in a network that this platform must not connect to.");
  }
  if (signal.aborted) return verdict("UNREACHABLE", `The git server did not respond within ${timeout} ms.`);
  const code = String((error as { code?: unknown }).code);
  if (/CERT|SSL|TLS|SELF_SIGNED|UNABLE_TO|CRL|EPROTO/.test(code)) {
    return verdict("TLS_FAILED", "The git server's certificate is not trusted, or the server does not support TLS.");
  }
  const unknown = code === "ENOTFOUND" || code === "ENODATA";
  return verdict("UNREACHABLE", unknown ? "The host name cannot be resolved." : "Cannot connect to the git server.");
}
