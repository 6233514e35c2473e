import type { Tree } from "../../platform/config/tree.ts";
import type { SecretBox } from "../../platform/secrets/secretBox.ts";

/** The context that the encrypted details of a Connection are bound to: they cannot be read from another row. */
export const connectionSecretOf = (connectionId: string) => `Connection:${connectionId}`;

/** The column `details` of the Connection: all of its details, encrypted. */
export const sealDetails = (secrets: SecretBox, connectionId: string, details: Tree): string =>
  secrets.seal(JSON.stringify(details), connectionSecretOf(connectionId));

/** The details in that column. Throws if they belong to another row or no key decrypts them. */
export const openDetails = (secrets: SecretBox, connectionId: string, sealed: string): Tree =>
  JSON.parse(secrets.open(sealed, connectionSecretOf(connectionId))) as Tree;
