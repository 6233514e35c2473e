import { readFile } from "node:fs/promises";
import { isIPv6 } from "node:net";
import { dirname, join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { type CredentialSource, type Credentials, CredentialsError } from "./credentials.ts";
import { isCertificate, isToken } from "./kubeconfigChecks.ts";
import { readKubeconfig } from "./readKubeconfig.ts";

/** Where Kubernetes puts the service account of a pod. */
const SERVICE_ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount";

/** Milliseconds for which credentials that were read from files are used. Tokens rotate, and the old one is valid longer. */
const REREAD_AFTER = 10_000;

/**
 * The service account of the pod in which this process runs. Kubernetes says in these two variables where its API is; they are
 * no settings of the operator.
 */
export function inClusterCredentials(environment: NodeJS.ProcessEnv, folder = SERVICE_ACCOUNT): CredentialSource {
  return rereading(async () => {
    const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port = "443" } = environment;
    if (!host) throw new CredentialsError("Not in a pod: KUBERNETES_SERVICE_HOST is not set; use a kubeconfig");
    // One after another, so that the same file is named each time if several cannot be used.
    const read = async (name: string) => (await readText(join(folder, name))).trim();
    const token = await read("token");
    if (!isToken(token)) throw new CredentialsError(`${join(folder, "token")} contains no token`);
    const ca = await read("ca.crt");
    if (!isCertificate(ca)) throw new CredentialsError(`${join(folder, "ca.crt")} contains no certificate in PEM`);
    const namespace = await read("namespace");
    const server = `https://${isIPv6(host) ? `[${host}]` : host}:${port}`;
    return { server, ca, token, insecureSkipTlsVerify: false, ...(namespace && { namespace }) };
  });
}

/** A kubeconfig of the operator. It and the files that it names may change at any time. */
export const kubeconfigFile = (path: string): CredentialSource =>
  rereading(async () => {
    const text = await readText(path);
    try {
      return readKubeconfig(text, { files: true, folder: dirname(path) });
    } catch (error) {
      throw new CredentialsError(`${path}: ${(error as Error).message}`);
    }
  });

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw new CredentialsError(`${path} cannot be read: ${(error as NodeJS.ErrnoException).code}`, { cause: error });
  }
}

/** Reads at most every 10 s, or when fresh credentials are needed. Concurrent callers wait for one reading. */
function rereading(read: () => Promise<Credentials>): CredentialSource {
  let last: Credentials | undefined;
  let readAt = 0;
  let reading: Promise<Credentials> | undefined;
  const readAgain = async () => {
    const now = performance.now();
    const found = await read();
    readAt = now;
    if (!isDeepStrictEqual(found, last)) last = found;
    return last ?? found;
  };
  return (fresh) => {
    if (!fresh && last && performance.now() - readAt < REREAD_AFTER) return last;
    reading ??= readAgain().finally(() => {
      reading = undefined;
    });
    return reading;
  };
}
