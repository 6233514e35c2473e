import { KubernetesError } from "./kubernetes.ts";

/** Where a Kubernetes API server is, how to know it, and as whom to call it. */
export interface Credentials {
  /** An https URL, with the path in front of `/api` if there is one. http is for a server on this machine only. */
  server: string;
  /** The certificate authorities to trust, in PEM. Without them, the well-known ones. */
  ca?: string;
  /** The name in the server's certificate, if it is not the host of `server`. */
  tlsServerName?: string;
  /** True if the server's certificate is not verified. */
  insecureSkipTlsVerify: boolean;
  /** A bearer token. */
  token?: string;
  /** In PEM, always with `clientKey`. */
  clientCertificate?: string;
  clientKey?: string;
  /** The namespace of the context, or of the pod. */
  namespace?: string;
}

/**
 * The credentials to use now. `fresh` is true after the server has refused the earlier ones: whatever they were read from is
 * read again. Returns the same object while nothing has changed, and throws KubernetesError if they cannot be read.
 */
export type CredentialSource = (fresh: boolean) => Credentials | Promise<Credentials>;

/** Credentials that cannot be read, or are not valid. The message says what to change, and quotes no secrets. */
export class CredentialsError extends KubernetesError {
  constructor(message: string, options?: ErrorOptions) {
    super(message, undefined, undefined, options);
    this.name = "CredentialsError";
  }
}
