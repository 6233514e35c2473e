import type { Prisma } from "../generated/prisma/client.ts";
import type { Binding, Caller } from "./authorize.ts";
import { heldSql } from "./bindingsSql.ts";

/**
 * A user or service account with the roles that they hold now, by the name that rows keep of them ("user:<id>" or
 * "serviceAccount:<id>"). Undefined if they no longer exist, are not active, were deactivated by their identity provider, or have
 * no key that is still valid.
 */
export async function loadHolder(
  tx: Pick<Prisma.TransactionClient, "$queryRawUnsafe">,
  name: string,
): Promise<Caller | undefined> {
  const [kind = "", id = ""] = name.split(":");
  const [row] = await tx.$queryRawUnsafe<{ caller: Pick<Caller, "kind" | "id"> | null; bindings: Binding[] | null }[]>(
    statement,
    kind === "user" ? id : null,
    kind === "serviceAccount" ? id : null,
  );
  return row?.caller ? { ...row.caller, bindings: row.bindings ?? [] } : undefined;
}

const statement = `WITH ${heldSql({ user: "$1::text", serviceAccount: "$2::text" })}
SELECT (SELECT json_agg(held) FROM held) AS bindings, (
  SELECT json_build_object('kind', 'user', 'id', u.id) FROM "User" u WHERE u.id = $1::text AND u.status = 'active'
    AND NOT EXISTS (SELECT 1 FROM "ScimUser" s WHERE s."userId" = u.id AND NOT s.active)
  UNION ALL
  SELECT json_build_object('kind', 'serviceAccount', 'id', a.id) FROM "ServiceAccount" a
    WHERE a.id = $2::text AND a.active AND (a."expiresAt" IS NULL
      OR greatest(a."expiresAt", a."previousKeyExpiresAt") > (now() AT TIME ZONE 'utc'))
) AS caller`;
