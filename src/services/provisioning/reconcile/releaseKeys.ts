import { randomBytes } from "node:crypto";
import type { SecretBox } from "../../../platform/secrets/secretBox.ts";
import type { ReleaseKeys } from "../wanted/wanted.ts";

/** The context that the encrypted keys of a release are bound to. */
export const releaseKeysOf = (deploymentId: string) => `Provision:${deploymentId}:keys`;

/** New keys of a release, encrypted for its Deployment's row. */
export const newReleaseKeys = (box: SecretBox, deploymentId: string): string =>
  box.seal(JSON.stringify(generate()), releaseKeysOf(deploymentId));

/** The keys in a row. Throws if no configured key fits. */
export const openReleaseKeys = (box: SecretBox, deploymentId: string, sealed: string): ReleaseKeys =>
  JSON.parse(box.open(sealed, releaseKeysOf(deploymentId))) as ReleaseKeys;

function generate(): ReleaseKeys {
  const random = () => randomBytes(32).toString("base64url");
  return {
    // Python's decoder wants the padding.
    fernetKey: `${random()}=`,
    webserverSecretKey: random(),
    jwtSecret: random(),
    redisPassword: random(),
    databasePassword: random(),
  };
}
