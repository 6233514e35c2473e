import { randomUUID } from "node:crypto";
import type { Logger } from "pino";
import { fromJob } from "../audit/origin.ts";
import { type Config, ensureSecrets } from "../config/config.ts";
import { connect } from "../database/connect.ts";
import { openDatabase } from "../database/embedded/openDatabase.ts";
import { secretBox } from "../secrets/secretBox.ts";
import { createSigningKeys } from "../signing/signingKeys.ts";

/**
 * The certificate of the authority of signing keys in PEM, for a registry's `rootcertbundle`, also while Houston runs. With
 * `newKey`, first replaces the key that signs: replicas notice within a minute. Throws an error for the operator.
 */
export async function signingAuthority(
  settings: Config,
  log: Logger,
  { newKey }: { newKey: boolean },
): Promise<string> {
  const config = await ensureSecrets(settings);
  const database = await openDatabase(config.database, log);
  const { pool, close } = connect(database.url, { ...config.database.pool, max: 2 }, log);
  try {
    const keys = createSigningKeys({ pool, secrets: secretBox(config.encryption.keys), now: () => new Date() });
    if (newKey) {
      const caller = { kind: "job", id: "rotateSigningKeys" } as const;
      const author = { caller, requestId: `rotateSigningKeys:${randomUUID()}`, origin: fromJob };
      await keys.rotate(author, { afterDays: 0, atOnce: true });
    }
    return await keys.authority();
  } finally {
    await close();
    await database.close();
  }
}
