import type { Context } from "../../access/context.ts";
import type { DeploymentStatusType } from "../../generated/prisma/enums.ts";
import { knownCaller, knownCallerValues } from "../../query/callerSql.ts";
import { rightsSql } from "../../query/rights.ts";
import { deploymentUrls } from "../deployments/deploymentUrls.ts";
import { airflowPermissions } from "./airflowRole.ts";

/** A Deployment whose Airflow the caller may open. */
export interface OpenableDeployment {
  label: string;
  releaseName: string;
  workspaceLabel: string;
  status: DeploymentStatusType;
  /** Why it has this status, in words; null if there is nothing to say. */
  statusReason: string | null;
  /** Of its Airflow. */
  url: string;
}

/** A part of the list, and whether it goes on. */
export interface OpenableDeployments {
  deployments: OpenableDeployment[];
  hasMore: boolean;
}

interface Row extends Omit<OpenableDeployment, "url"> {
  executor: string;
  domain: string | null;
}

/**
 * `take` of the Deployments whose Airflow the caller may open, after the first `skip`, by the labels of Workspace and
 * Deployment. With `search`, only those that have it in one of these or in the release name, ignoring case.
 */
export async function openableDeployments(
  ctx: Context,
  { search, take, skip }: { search: string; take: number; skip: number },
): Promise<OpenableDeployments> {
  const rights = airflowPermissions.map((permission) => ({
    permission,
    ...(permission.startsWith("deployment.") && ({ workspace: "workspaceId", deployment: "id" } as const)),
  }));
  const text = `WITH ${knownCaller.ctes}
SELECT d.label, d."releaseName", d.status, d."statusReason", d.executor, w.label AS "workspaceLabel", c."baseDomain" AS domain
FROM "Deployment" d JOIN "Workspace" w ON w.id = d."workspaceId" LEFT JOIN "Cluster" c ON c.id = d."clusterId"
WHERE d."deletedAt" IS NULL AND (d.label ILIKE $3 OR d."releaseName" ILIKE $3 OR w.label ILIKE $3)
  AND ${rightsSql(ctx.roles, knownCaller).allowed(rights, "d")}
ORDER BY lower(w.label), lower(d.label), d.id LIMIT $4 OFFSET $5`;
  const pattern = `%${search.replaceAll(/[\\%_]/g, "\\$&")}%`;
  const { rows } = await ctx.pool.query<Row>(text, [...knownCallerValues(ctx.caller), pattern, take + 1, skip]);
  const deployments = rows.slice(0, take).map(({ executor, domain, ...row }) => {
    const urls = deploymentUrls(ctx.config, { releaseName: row.releaseName, executor, domain });
    return { ...row, url: urls.find(({ type }) => type === "airflow")?.url ?? "" };
  });
  return { deployments, hasMore: rows.length > take };
}
