import type { SecretBox } from "../../../platform/secrets/secretBox.ts";

/**
 * The context that the encrypted `dockerconfigjson` is bound to: a release name belongs to one Deployment at a time.
 */
export const dockerSecretOf = (releaseName: string) => `Deployment:${releaseName}:dockerconfigjson`;

/** Docker's config.json as an encrypted column to write; no column if it was omitted. */
export const dockerConfigColumn = (box: SecretBox, releaseName: string, config: object | undefined) =>
  config === undefined ? {} : { dockerconfigjson: box.seal(JSON.stringify(config), dockerSecretOf(releaseName)) };
