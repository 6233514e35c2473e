import { createHash } from "node:crypto";

/** The name of a prepared statement: the same SQL has the same name on every connection. */
export const queryName = (sql: string): string => createHash("sha256").update(sql).digest("base64url");
