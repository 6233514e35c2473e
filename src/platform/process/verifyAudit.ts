import pg from "pg";
import type { Logger } from "pino";
import { type Head, type Verification, verifyChain } from "../audit/verifyChain.ts";
import type { Config } from "../config/config.ts";
import { openDatabase } from "../database/embedded/openDatabase.ts";
import { sessionSettings, ZONE_OPTIONS } from "../database/sessionOptions.ts";

/**
 * Verifies the hash chain of the audit log in the database of this configuration, also while Houston runs, and returns the
 * result for the operator. `head`: `<position>:<hash>`, which must be part of the chain. Throws an error for the operator.
 */
export async function verifyAudit(
  { database }: Pick<Config, "database">,
  log: Logger,
  head?: string,
): Promise<{ text: string; intact: boolean }> {
  const expected = head === undefined ? undefined : headIn(head);
  const { url, close } = await openDatabase(database, log);
  const client = new pg.Client({ ...sessionSettings(url, ZONE_OPTIONS), application_name: "houston audit verify" });
  try {
    await client.connect();
    const found = await verifyChain(client, expected);
    return { text: textOf(found), intact: found.broken === undefined };
  } finally {
    await client.end().catch(() => undefined);
    await close();
  }
}

function headIn(text: string): Head {
  const [, position, hash] = /^(\d{1,18}):([0-9a-f]{64})$/.exec(text) ?? [];
  if (position === undefined || hash === undefined)
    throw new Error("--head: must be a position and its hash, as printed by an earlier verification: 12:9f86…");
  return { position: BigInt(position), hash };
}

function textOf({ first, verified, removed, unsealed, head, broken }: Verification): string {
  const lines = [
    `Verified: ${verified} sealed entries from position ${first}`,
    ...(removed > 0 ? [`Removed by cleanupClusterAudits, and recorded: ${removed}`] : []),
    `Not sealed yet: ${unsealed}`,
    `Head: ${head.position}:${head.hash}`,
    ...(broken ? [`Broken at position ${broken.position}: ${broken.reason}`] : ["The chain is intact"]),
  ];
  return lines.join("\n");
}
