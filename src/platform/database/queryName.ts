import { createHash } from "node:crypto";

/** The name under which a statement is prepared: the same for the same text, on every connection. */
export const queryName = (sql: string): string => createHash("sha256").update(sql).digest("base64url");
