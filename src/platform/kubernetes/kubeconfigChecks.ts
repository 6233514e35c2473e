import { X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import { createSecureContext } from "node:tls";
import { isPlainUrl } from "../input/plainUrl.ts";
import { type Credentials, CredentialsError } from "./credentials.ts";

/** Throws CredentialsError if the server is none that may be called. `path` is that of the cluster, for messages. */
export function checkServer({ server, ...rest }: Credentials, path: string, { files }: { files: boolean }): void {
  if (!isPlainUrl(server) || new URL(server).search !== "") {
    throw new CredentialsError(`${path}.server must be an https URL without user, query and fragment`);
  }
  const url = new URL(server);
  if (url.protocol === "http:" && !(files && isLoopback(url.hostname))) {
    throw new CredentialsError(`${path}.server must be an https URL`);
  }
  if (rest.insecureSkipTlsVerify && !files) {
    throw new CredentialsError(
      `${path}.insecure-skip-tls-verify must not be true: use certificate-authority-data, so that the server can be verified`,
    );
  }
  if (rest.insecureSkipTlsVerify && rest.ca !== undefined) {
    throw new CredentialsError(`${path} must not have both insecure-skip-tls-verify and a certificate-authority`);
  }
}

const isLoopback = (host: string) =>
  host === "localhost" || host === "[::1]" || (isIP(host) === 4 && /^127\./.test(host));

/** Throws CredentialsError if a certificate, key or token cannot be used. The paths are those of the two entries. */
export function checkTls(credentials: Credentials, cluster: string, user: string): void {
  const { server, ca, token, clientCertificate, clientKey } = credentials;
  if (ca !== undefined && !isCertificate(ca)) {
    throw new CredentialsError(`${cluster}.certificate-authority must contain certificates in PEM`);
  }
  if ((clientCertificate === undefined) !== (clientKey === undefined)) {
    throw new CredentialsError(`${user} must have both client-certificate and client-key, or neither`);
  }
  if (clientCertificate !== undefined && !isCertificate(clientCertificate)) {
    throw new CredentialsError(`${user}.client-certificate must contain a certificate in PEM`);
  }
  if (clientCertificate !== undefined && clientKey !== undefined && !isPair(clientCertificate, clientKey)) {
    throw new CredentialsError(
      `${user}.client-key must be the key of client-certificate, in PEM and without a passphrase`,
    );
  }
  if (token !== undefined && !isToken(token)) {
    throw new CredentialsError(`${user}.token must consist of printable ASCII characters without spaces`);
  }
  if (token === undefined && clientCertificate === undefined && server.startsWith("https:")) {
    throw new CredentialsError(`${user} must have a token or a client certificate`);
  }
}

/** True for what can be sent as a bearer token. */
export const isToken = (token: string) => /^[\x21-\x7e]+$/.test(token);

/** True for certificates in PEM. */
export function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0;
  } catch {
    return false;
  }
}

function isPair(cert: string, key: string): boolean {
  try {
    createSecureContext({ cert, key });
    return true;
  } catch {
    return false;
  }
}
