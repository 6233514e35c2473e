/** What Prisma and its adapter put around an error of pg. */
interface Wrapped {
  code?: unknown;
  originalCode?: unknown;
  cause?: unknown;
  meta?: { driverAdapterError?: { cause?: { originalCode?: unknown; kind?: unknown } } };
}

/** Prisma's codes for errors that it has no code for: of a hand-written statement, and of any other. */
const UNKNOWN_TO_PRISMA = new Set(["P2010", "P2039"]);

/**
 * What Prisma's adapter makes of network errors, which have no code of PostgreSQL, with the code that Prisma gives them
 * everywhere but in hand-written statements.
 */
const NETWORK = new Map<unknown, string>([
  ["DatabaseNotReachable", "P1001"],
  ["SocketTimeout", "P1008"],
  ["ConnectionClosed", "P1017"],
]);

/**
 * The code of a database error: PostgreSQL's SQLSTATE or the name that Node gives a network error, also where Prisma has
 * wrapped it; otherwise Prisma's own code. Undefined if there is none.
 */
export function databaseCode(thrown: unknown): string | undefined {
  if (typeof thrown !== "object" || thrown === null) return undefined;
  const { code, originalCode, cause, meta } = thrown as Wrapped;
  if (typeof code === "string") {
    if (!UNKNOWN_TO_PRISMA.has(code)) return code;
    const { originalCode: inner, kind } = meta?.driverAdapterError?.cause ?? {};
    return typeof inner === "string" ? inner : (NETWORK.get(kind) ?? code);
  }
  return typeof originalCode === "string" ? originalCode : databaseCode(cause);
}
