import { caller } from "./limitStatements.mjs";
import { prepared } from "./shared.mjs";

/** $1 session, $2 user, $3 release name: who visits the Airflow of a Deployment, with the strongest role. */
const A1 = prepared(`WITH ${caller}, held AS (
  SELECT b.role, b."workspaceId", b."deploymentId" FROM "RoleBinding" b, caller WHERE b."userId" = caller.id
  UNION ALL
  SELECT b.role, b."workspaceId", b."deploymentId" FROM "TeamMember" m, "RoleBinding" b, caller
  WHERE m."userId" = caller.id AND b."teamId" = m."teamId"
)
SELECT caller.username, (SELECT e.address FROM "Email" e WHERE e."userId" = caller.id LIMIT 1) AS email,
  min(CASE WHEN held.role IN ('SYSTEM_ADMIN', 'WORKSPACE_ADMIN', 'DEPLOYMENT_ADMIN') THEN 1
    WHEN held.role IN ('WORKSPACE_EDITOR', 'DEPLOYMENT_EDITOR') THEN 2 ELSE 3 END) AS role
FROM caller, held, "Deployment" d
WHERE d."releaseName" = $3 AND d."deletedAt" IS NULL
  AND (held.role = 'SYSTEM_ADMIN' OR held."workspaceId" = d."workspaceId" OR held."deploymentId" = d.id)
GROUP BY caller.id, caller.username`);

export const edgeStatements = { A1 };
