import type { Prisma } from "../generated/prisma/client.ts";
import type { Scope } from "./authorize.ts";
import { rowSql, type ScopeKindName, scopeKinds, scopeSql } from "./scopeKinds.ts";

/** The scope of a row, with its enclosing scopes; undefined for an unknown or deleted row. */
export async function findScope(
  db: Pick<Prisma.TransactionClient, "$queryRawUnsafe">,
  kind: ScopeKindName,
  id: string,
): Promise<Scope | undefined> {
  const columns = scopeSql(scopeKinds[kind], "r").map(({ id: scopeId, column }) => `${scopeId} AS "${column}"`);
  const [scope] = await db.$queryRawUnsafe<Scope[]>(
    `SELECT ${columns.join(", ")} ${rowSql(scopeKinds[kind], "r", "id", "= $1")}`,
    id,
  );
  return scope;
}
