import type { SecretBox } from "../../../platform/secrets/secretBox.ts";

/** What the sealed column `dockerconfigjson` is bound to: a release name belongs to one Deployment for ever. */
export const dockerSecretOf = (releaseName: string) => `Deployment:${releaseName}:dockerconfigjson`;

/** Docker's config.json as the database holds it, as a column to write; nothing when it was not given. */
export const dockerConfigColumn = (box: SecretBox, releaseName: string, given: object | undefined) =>
  given === undefined ? {} : { dockerconfigjson: box.seal(JSON.stringify(given), dockerSecretOf(releaseName)) };
