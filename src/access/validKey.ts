/**
 * The service account of an API key that is valid now, as a query for the columns id and "expiresAt", of the key; `hash` is
 * SQL for the SHA-256 of the key. Time is the database's: one clock for all replicas, as for sessions. Defined only here.
 */
export const accountByKey = (hash: string): string =>
  `SELECT a.id, a."expiresAt" FROM "ServiceAccount" a WHERE a."keyHash" = ${hash} AND a.active
    AND (a."expiresAt" IS NULL OR a."expiresAt" > (now() AT TIME ZONE 'utc'))
  UNION ALL
  SELECT a.id, a."previousKeyExpiresAt" FROM "ServiceAccount" a WHERE a."previousKeyHash" = ${hash} AND a.active
    AND a."previousKeyExpiresAt" > (now() AT TIME ZONE 'utc')`;
