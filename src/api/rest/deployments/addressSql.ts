import { type Config, hostUrl } from "../../../platform/config/config.ts";
import type { Joins } from "../../../query/entity.ts";
import { literal } from "../../../query/json.ts";

/** Where a Deployment and its images are, as SQL values. */
export interface AddressSql {
  /** The host of its web pages, without a port. */
  host: string;
  /** `https://<host>/<releaseName>`: what `deploymentUrls` computes for GraphQL. */
  base: string;
  /** The repository that images are pushed to before the first deploy. */
  repository: string;
}

/** The cluster of a Deployment. */
export const cluster: Joins = { cluster: { table: "Cluster", id: `$row."clusterId"` } };

/** The addresses of the row `$row`, to which `cluster` is joined. */
export function addressSql(config: Config): AddressSql {
  const { deployments, helm, registry } = config;
  const domain = `coalesce($cluster."baseDomain", ${literal(helm.baseDomain)})`;
  const host = `${literal(`${deployments.subdomain}.`)} || ${domain}`;
  // The port of webserver.publicUrl is appended to a host that has none.
  const [start = "", port = ""] = hostUrl(config, "HOST").split("HOST");
  const [, atPort = ""] = hostUrl(config, "HOST:1").split("HOST:1");
  const withPort = port === atPort ? "" : ` || CASE WHEN strpos(${host}, ':') = 0 THEN ${literal(port)} ELSE '' END`;
  const { updateRegistry } = registry.protectedCustomRegistry;
  return {
    host: `split_part(${host}, ':', 1)`,
    base: `(${literal(start)} || ${host}${withPort} || '/' || $row."releaseName")`,
    repository: updateRegistry.enabled
      ? literal(updateRegistry.host)
      : `(${literal(`registry.${helm.baseDomain}/`)} || $row."releaseName" || '/airflow')`,
  };
}
