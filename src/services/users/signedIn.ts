import type { Services } from "../../access/context.ts";
import { validSession } from "../../access/loadCaller.ts";
import { NO_PASSWORD } from "./password.ts";

/** A valid session and its user. */
export interface SignedIn {
  sessionId: string;
  /** When the user signed in, and when the session expires. */
  createdAt: Date;
  expiresAt: Date;
  userId: string;
  username: string;
  fullName: string;
  /** The primary address; null for a user without one. */
  email: string | null;
  hasPassword: boolean;
  /** The identity provider that signed the user in; null for a password. */
  provider: string | null;
}

interface Session {
  userId: string;
  sessionId: string;
}

/** Reads a session with its user; undefined if it has ended. */
export async function signedIn({ pool }: Pick<Services, "pool">, session: Session): Promise<SignedIn | undefined> {
  const { rows } = await pool.query<SignedIn>({
    name: "signedIn",
    text: `SELECT s.id AS "sessionId", s."createdAt" AT TIME ZONE 'utc' AS "createdAt",
      s."expiresAt" AT TIME ZONE 'utc' AS "expiresAt", s.provider, u.id AS "userId", u.username, u."fullName",
      (SELECT e.address FROM "Email" e WHERE e."userId" = u.id ORDER BY e.primary DESC, e."createdAt" LIMIT 1) AS email,
      EXISTS (SELECT 1 FROM "LocalCredential" c WHERE c."userId" = u.id AND c."passwordHash" <> $3) AS "hasPassword"
      ${validSession}`,
    values: [session.sessionId, session.userId, NO_PASSWORD],
  });
  return rows[0];
}
