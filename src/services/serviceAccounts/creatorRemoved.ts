import type { Prisma } from "../../generated/prisma/client.ts";

/** The role bindings, own ones and those of teams, that the creator of `m` holds in its scope or an enclosing one. */
const creatorHere = `SELECT 1 FROM "RoleBinding" b
  WHERE (num_nonnulls(b."organizationId", b."workspaceId", b."deploymentId") = 0
      OR b."organizationId" = m."organizationId"
      OR b."deploymentId" = m."deploymentId" OR b."workspaceId" = coalesce(m."workspaceId",
        (SELECT d."workspaceId" FROM "Deployment" d WHERE d.id = m."deploymentId")))
    AND (b."userId" = substr(m."createdBy", 6) OR b."serviceAccountId" = substr(m."createdBy", 16)
      OR b."teamId" IN (SELECT t."teamId" FROM "TeamMember" t WHERE t."userId" = substr(m."createdBy", 6)))`;

/**
 * SQL condition: the creator of the service account `$row` holds no role any more in its scope or an enclosing one, or
 * this is true of the account that created it. Whoever leaves could otherwise leave an account behind that another one of
 * theirs created.
 */
export const creatorRemoved = `EXISTS (WITH RECURSIVE made AS (
  SELECT a.id, a."createdBy", a."organizationId", a."workspaceId", a."deploymentId" FROM "ServiceAccount" a
  WHERE a.id = $row.id
  UNION
  SELECT a.id, a."createdBy", a."organizationId", a."workspaceId", a."deploymentId"
  FROM made JOIN "ServiceAccount" a ON a.id = substr(made."createdBy", 16)
) SELECT 1 FROM made m WHERE NOT EXISTS (${creatorHere}))`;

/** Whether that is true of a service account. */
export async function isCreatorRemoved(tx: Prisma.TransactionClient, id: string): Promise<boolean> {
  const condition = creatorRemoved.replaceAll("$row", "s");
  const [row] = await tx.$queryRawUnsafe<{ removed: boolean }[]>(
    `SELECT ${condition} AS removed FROM "ServiceAccount" s WHERE s.id = $1`,
    id,
  );
  return row?.removed ?? false;
}
