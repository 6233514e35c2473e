import { LineCounter, parseDocument } from "yaml";
import { type Credentials, CredentialsError } from "./credentials.ts";
import { checkServer, checkTls } from "./kubeconfigChecks.ts";
import { type Entry, entry } from "./kubeconfigEntry.ts";
import { contentsOf, type KubeconfigOptions, tokenOf } from "./kubeconfigFiles.ts";

/** Maximum length of a kubeconfig, in characters. One cluster takes about 6,000. */
const MAX_LENGTH = 256 * 1024;

/**
 * The credentials of the current context of a kubeconfig, with the contents of the files that it names. Throws CredentialsError
 * if it is not valid or asks for what is not supported.
 */
export function readKubeconfig(text: string, options: KubeconfigOptions): Credentials {
  const config = parseKubeconfig(text);
  const name = config.text("current-context");
  if (name === undefined) throw new CredentialsError("current-context is missing: it must name one of contexts");
  const context = config.named("contexts", name, "current-context");
  const clusterName = context.text("cluster");
  if (clusterName === undefined) throw new CredentialsError(`${context.path}.cluster is missing`);
  const cluster = config.named("clusters", clusterName, `${context.path}.cluster`);
  const userName = context.text("user");
  const user = userName === undefined ? entry({}, "users") : config.named("users", userName, `${context.path}.user`);
  const credentials = { ...clusterOf(cluster, options), ...userOf(user, options), ...namespaceOf(context) };
  checkServer(credentials, cluster.path, options);
  checkTls(credentials, cluster.path, user.path);
  return credentials;
}

function parseKubeconfig(text: string): Entry {
  if (text.length > MAX_LENGTH) {
    throw new CredentialsError(`A kubeconfig must have at most ${MAX_LENGTH} characters`);
  }
  const lines = new LineCounter();
  // The library's own messages quote lines, which may contain secrets.
  const document = parseDocument(text, { prettyErrors: false, lineCounter: lines, logLevel: "silent" });
  const [bad] = document.errors;
  if (bad) {
    const { line, col } = lines.linePos(bad.pos[0]);
    throw new CredentialsError(`The kubeconfig is not valid YAML at line ${line}, column ${col}: ${bad.code}`);
  }
  try {
    return entry(document.toJS(), "");
  } catch (error) {
    if (error instanceof CredentialsError) throw error;
    throw new CredentialsError(
      "The kubeconfig is not valid YAML: an alias refers to no anchor, or there are too many aliases",
    );
  }
}

function clusterOf(cluster: Entry, options: KubeconfigOptions) {
  cluster.refuse("proxy-url", "connections are made directly");
  const server = cluster.text("server");
  if (server === undefined) throw new CredentialsError(`${cluster.path}.server is missing`);
  const insecureSkipTlsVerify = cluster.flag("insecure-skip-tls-verify");
  const ca = contentsOf(cluster, "certificate-authority", options);
  const tlsServerName = cluster.text("tls-server-name");
  return {
    server,
    insecureSkipTlsVerify,
    ...(ca !== undefined && { ca }),
    ...(tlsServerName !== undefined && { tlsServerName }),
  };
}

/** Entries that choose as whom to act are refused, not ignored: without them, Houston would act with other rights. */
function userOf(user: Entry, options: KubeconfigOptions) {
  for (const program of ["exec", "auth-provider"]) {
    user.refuse(program, "no program is started for credentials; use a token or a client certificate");
  }
  for (const name of ["username", "password"]) user.refuse(name, "use a token or a client certificate");
  for (const name of ["as", "as-uid", "as-groups", "as-user-extra"])
    user.refuse(name, "impersonation is not supported");
  const token = tokenOf(user, options);
  const clientCertificate = contentsOf(user, "client-certificate", options);
  const clientKey = contentsOf(user, "client-key", options);
  return {
    ...(token !== undefined && { token }),
    ...(clientCertificate !== undefined && { clientCertificate }),
    ...(clientKey !== undefined && { clientKey }),
  };
}

function namespaceOf(context: Entry) {
  const namespace = context.text("namespace");
  return namespace === undefined ? {} : { namespace };
}
