import { createPrivateKey, type KeyObject } from "node:crypto";
import type pg from "pg";
import { type Author, insertAudit } from "../audit/recordAudit.ts";
import type { SecretBox } from "../secrets/secretBox.ts";
import { createAuthority, createTokenKey, derOf, type KeyPair, publicKeyOf } from "./certificate.ts";
import { type PublicJwk, publicJwk } from "./publicKey.ts";

/** The key that signs tokens now. */
export interface TokenKey {
  /** RFC 7638 thumbprint. */
  kid: string;
  privateKey: KeyObject;
  /** Its certificate, for the header `x5c`: base64 of DER. */
  x5c: [string];
}

/** The keys for tokens that others verify: Airflow, and the image registry. Equal on all replicas. */
export interface SigningKeys {
  current(): Promise<TokenKey>;
  /** All keys that verifiers must accept: the next one, the current one, and those before it whose tokens may be valid. */
  published(): Promise<readonly PublicJwk[]>;
  /** The certificate of the authority in PEM, which a registry needs to verify tokens. */
  authority(): Promise<string>;
  /**
   * Creates the next key when the latest is `afterDays` old, and removes keys that another replaced long enough ago. The
   * next key signs a day later; a replaced one is published for two more days: longer than any token lives and any verifier
   * caches. With `atOnce`, for keys that somebody may have stolen: a new key signs now and no other is published.
   */
  rotate(author: Author, options: { afterDays: number; atOnce?: boolean }): Promise<Rotation>;
}

/** What a rotation changed, as IDs of keys. */
export interface Rotation {
  created: string[];
  removed: string[];
}

interface Loaded {
  at: number;
  /** Latest first. */
  keys: readonly { signsFrom: Date; jwk: PublicJwk; token: TokenKey }[];
  authority: string;
}

type Parts = { pool: Pick<pg.Pool, "connect" | "query">; secrets: SecretBox; now(): Date };

/** How long a replica uses the keys that it has read, in milliseconds; much shorter than a new key waits. */
const REREAD_AFTER = 60_000;

/** Reads the keys when they are first needed, and creates them if there are none. */
export function createSigningKeys(parts: Parts): SigningKeys {
  let loading: Promise<Loaded> | undefined;
  let known: Loaded | undefined;
  const load = async (): Promise<Loaded> => {
    if (known && parts.now().getTime() - known.at < REREAD_AFTER) return known;
    loading ??= read(parts).finally(() => {
      loading = undefined;
    });
    known = await loading;
    return known;
  };
  return {
    async current() {
      const { keys } = await load();
      const now = parts.now();
      const key = keys.find(({ signsFrom }) => signsFrom <= now) ?? keys.at(-1);
      if (!key) throw new Error("There is no signing key");
      return key.token;
    },
    async published() {
      return (await load()).keys.map(({ jwk }) => jwk);
    },
    async authority() {
      return (await load()).authority;
    },
    async rotate(author, options) {
      await load();
      const rotation = await rotateKeys(parts, author, options);
      known = undefined;
      return rotation;
    },
  };
}

interface Row {
  id: string;
  isAuthority: boolean;
  certificate: string;
  privateKeyEncrypted: string;
  signsFrom: Date;
}

const KEYS = 'SELECT * FROM "SigningKey" ORDER BY "signsFrom" DESC, id';

/** What an encrypted private key is bound to. */
export const signingSecretOf = (id: string) => `SigningKey.${id}`;

async function read(parts: Parts): Promise<Loaded> {
  const { pool, secrets, now } = parts;
  let { rows } = await pool.query<Row>(KEYS);
  if (rows.length === 0) rows = await createFirst(parts);
  return {
    at: now().getTime(),
    keys: rows
      .filter(({ isAuthority }) => !isAuthority)
      .map(({ id, certificate, privateKeyEncrypted, signsFrom }) => ({
        signsFrom,
        jwk: publicJwk(publicKeyOf(certificate)),
        token: {
          kid: id,
          privateKey: createPrivateKey(secrets.open(privateKeyEncrypted, signingSecretOf(id))),
          x5c: [derOf(certificate)],
        },
      })),
    authority: rows.find(({ isAuthority }) => isAuthority)?.certificate ?? "",
  };
}

type Client = Pick<pg.PoolClient, "query">;

/** The authority and the first key; one of several replicas creates them. */
const createFirst = (parts: Parts): Promise<Row[]> =>
  locked(parts.pool, async (client) => {
    const { rows } = await client.query<Row>(KEYS);
    if (rows.length > 0) return rows;
    const now = parts.now();
    const authority = await createAuthority(now);
    await insert(parts, client, authority, { isAuthority: true, signsFrom: now });
    await insert(parts, client, await createTokenKey(now, authority), { isAuthority: false, signsFrom: now });
    return (await client.query<Row>(KEYS)).rows;
  });

const DAY = 86_400_000;

async function rotateKeys(
  parts: Parts,
  author: Author,
  { afterDays, atOnce = false }: { afterDays: number; atOnce?: boolean },
): Promise<Rotation> {
  return locked(parts.pool, async (client) => {
    const { rows } = await client.query<Row & { createdAt: Date }>(KEYS);
    const authority = rows.find(({ isAuthority }) => isAuthority);
    const keys = rows.filter(({ isAuthority }) => !isAuthority);
    const [latest] = keys;
    if (!authority || !latest) return { created: [], removed: [] };
    const now = parts.now();
    const created: string[] = [];
    if (atOnce || now.getTime() - latest.createdAt.getTime() >= afterDays * DAY) {
      const privateKey = parts.secrets.open(authority.privateKeyEncrypted, signingSecretOf(authority.id));
      const next = await createTokenKey(now, { ...authority, privateKey });
      await insert(parts, client, next, {
        isAuthority: false,
        signsFrom: atOnce ? now : new Date(now.getTime() + DAY),
      });
      created.push(next.id);
    }
    const replacing = keys.find(({ signsFrom }) => signsFrom.getTime() <= now.getTime() - 2 * DAY);
    const removed = keys.filter(({ signsFrom }) => atOnce || (replacing && signsFrom < replacing.signsFrom));
    const ids = removed.map(({ id }) => id);
    await client.query('DELETE FROM "SigningKey" WHERE id = ANY($1)', [ids]);
    if (created.length + ids.length > 0) {
      const detail = { created, removed: ids };
      await insertAudit(author, client, {
        ...{ action: "rotateSigningKeys", entityType: "Platform", entityId: "1", detail },
      });
    }
    return { created, removed: ids };
  });
}

async function insert(
  { secrets, now }: Parts,
  client: Client,
  { id, certificate, privateKey }: KeyPair,
  { isAuthority, signsFrom }: { isAuthority: boolean; signsFrom: Date },
): Promise<void> {
  await client.query(
    `INSERT INTO "SigningKey" (id, "isAuthority", certificate, "privateKeyEncrypted", "createdAt", "signsFrom")
      VALUES ($1, $2, $3, $4, $5, $6)`,
    [id, isAuthority, certificate, secrets.seal(privateKey, signingSecretOf(id)), now(), signsFrom],
  );
}

/** Runs `work` in a transaction, on one replica at a time. */
async function locked<T>(pool: Parts["pool"], work: (client: Client) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  try {
    await client.query("BEGIN");
    await client.query('LOCK TABLE "SigningKey" IN SHARE ROW EXCLUSIVE MODE');
    const result = await work(client);
    await client.query("COMMIT");
    client.release();
    return result;
  } catch (error) {
    // Ends the transaction with the connection.
    client.release(true);
    throw error;
  }
}
