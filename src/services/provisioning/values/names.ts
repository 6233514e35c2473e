import { createHash } from "node:crypto";

/** The longest name of a Helm release; Flux would replace a longer one by a hash. */
const MAX_RELEASE = 53;

/** The Helm release of a Deployment: its release name, or a shortened one that is as unique. */
export function helmReleaseName(releaseName: string): string {
  if (releaseName.length <= MAX_RELEASE) return releaseName;
  return `${releaseName.slice(0, 44)}-${createHash("sha256").update(releaseName).digest("hex").slice(0, 8)}`;
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
