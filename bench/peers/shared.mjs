import { createHash, createSecretKey, randomBytes } from "node:crypto";
import jsonwebtoken from "jsonwebtoken";
import pg from "pg";
import { newApiKey } from "../../src/access/apiKey.ts";
import { SESSION_OPTIONS } from "../../src/platform/database/sessionOptions.ts";
import { secretBox } from "../../src/platform/secrets/secretBox.ts";
import { hashOf } from "../../src/platform/secrets/tokens.ts";

/** What every comparison server needs: the same token check, the same pool, the same keys for service accounts. */

/** The pool of a comparison server, as large as Houston's and with the same planner settings. */
export const pool = new pg.Pool({
  connectionString: process.env.DATABASE_URL,
  max: 10,
  options: SESSION_OPTIONS,
});

// Columns hold UTC without saying so, with up to three digits of a second; pg would read them in the process's own zone.
pg.types.setTypeParser(pg.types.builtins.TIMESTAMP, (text) => {
  const time = text.replace(" ", "T");
  return time.includes(".") ? `${time.padEnd(23, "0")}Z` : `${time}.000Z`;
});

/** Roles that may read a Workspace's Deployments and people, and those that may change its service accounts. */
export const workspaceReaders = ["WORKSPACE_ADMIN", "WORKSPACE_EDITOR", "WORKSPACE_VIEWER"];
export const workspaceAdmins = ["WORKSPACE_ADMIN"];
export const systemReaders = ["SYSTEM_ADMIN", "SYSTEM_EDITOR", "SYSTEM_VIEWER"];
export const systemAdmins = ["SYSTEM_ADMIN"];

// As text alone, jsonwebtoken would try to read it as a public key first, for every token.
const key = createSecretKey(process.env.JWT__SECRET, "utf8");

/** The user and session of a good token of this type, or undefined. */
export function verify(authorization, type = "access") {
  try {
    const { id, sid, typ } = jsonwebtoken.verify(authorization ?? "", key, {
      algorithms: ["HS256"],
      issuer: "houston",
      audience: "houston",
    });
    return typ === type ? { userId: id, sessionId: sid } : undefined;
  } catch {
    return undefined;
  }
}

/** A prepared statement, named after its text: planned once per connection. */
export const prepared = (text) => ({ text, name: createHash("sha1").update(text).digest("base64url") });

const settleStatement = prepared(`
  SELECT b.role, b."workspaceId" FROM "Session" s JOIN "User" u ON u.id = s."userId" AND u.status = 'active'
  JOIN "RoleBinding" b ON b."userId" = u.id
  WHERE s.id = $1 AND s."userId" = $2 AND s."expiresAt" > (now() AT TIME ZONE 'utc')`);

/** Who calls, with the roles they hold right now; throws when the token or its session is no good. */
export async function settle(authorization) {
  const session = verify(authorization);
  if (!session) throw new Error("UNAUTHENTICATED");
  const { rows } = await pool.query({ ...settleStatement, values: [session.sessionId, session.userId] });
  if (rows.length === 0) throw new Error("UNAUTHENTICATED");
  return { userId: session.userId, bindings: rows };
}

/** Throws unless the caller holds one of the system roles, or one of the Workspace roles there. */
export function check({ bindings }, systemRoles, workspaceRoles = [], workspaceId = undefined) {
  const held = bindings.some(
    (one) => systemRoles.includes(one.role) || (one.workspaceId === workspaceId && workspaceRoles.includes(one.role)),
  );
  if (!held) throw new Error("FORBIDDEN");
}

const box = secretBox(JSON.parse(process.env.ENCRYPTION__KEYS));

/** A new API key with what is stored of it. */
export function newKey() {
  const key = newApiKey();
  const hash = hashOf(key);
  return { key, hash, start: key.slice(0, 6), sealed: box.seal(key, `ServiceAccount:${hash}`) };
}

/** An id with the length of a cuid that rises with time. */
export const newId = () => `c${Date.now().toString(36)}${randomBytes(8).toString("hex")}`;

/** On SIGTERM closes the server and ends the process. */
export function endOnSignal(close) {
  process.once("SIGTERM", async () => {
    await close();
    await pool.end();
    process.exit(0);
  });
}
