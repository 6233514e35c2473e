import { createHash } from "node:crypto";

/**
 * The longest name of a Helm release. Helm allows 53, but the names of the chart's objects begin with it, and Kubernetes
 * makes no pods for a StatefulSet such as `<name>-redis` with more than 52 characters.
 */
const MAX_RELEASE = 46;

/** Characters of the digest in a shortened name. */
const DIGEST = 8;

/** The Helm release of a Deployment: its release name, or a shortened one that is as unique. */
export function helmReleaseName(releaseName: string): string {
  if (releaseName.length <= MAX_RELEASE) return releaseName;
  const digest = createHash("sha256").update(releaseName).digest("hex").slice(0, DIGEST);
  return `${releaseName.slice(0, MAX_RELEASE - DIGEST - 1)}-${digest}`;
}

/** The Secrets of a release and the end of their names, which differ from those that the chart gives to its own. */
const suffixes = {
  registry: "houston-registry",
  metadata: "houston-metadata",
  resultBackend: "houston-result-backend",
  broker: "houston-broker",
  fernet: "houston-fernet",
  webserver: "houston-webserver",
  api: "houston-api",
  jwt: "houston-jwt",
  redis: "houston-redis",
  git: "houston-git",
  environment: "houston-environment",
  signIn: "houston-sign-in",
  values: "values",
} as const;

/** A Secret of a release, by its purpose. */
export type SecretPurpose = keyof typeof suffixes;

/** The name of the Secret for each purpose. */
export const secretNamesOf = (releaseName: string): Record<SecretPurpose, string> =>
  Object.fromEntries(
    Object.entries(suffixes).map(([purpose, suffix]) => [purpose, `${releaseName}-${suffix}`]),
  ) as Record<SecretPurpose, string>;
