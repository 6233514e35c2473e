import type { Config } from "../../platform/config/config.ts";

/**
 * Where a Deployment's web pages are served, below the domain of its cluster, else the platform's:
 * `https://deployments.<baseDomain>/<releaseName>/airflow`. Flower belongs to the CeleryExecutor.
 */
export function deploymentUrls(
  config: Pick<Config, "helm" | "deployments" | "subdomainHttpsEnabled">,
  { releaseName, executor, domain }: { releaseName: string; executor: string; domain: string | null },
): { type: string; url: string }[] {
  const scheme = config.subdomainHttpsEnabled ? "https" : "http";
  const base = `${scheme}://${config.deployments.subdomain}.${domain ?? config.helm.baseDomain}/${releaseName}`;
  const airflow = { type: "airflow", url: `${base}/airflow` };
  return executor === "CeleryExecutor" ? [airflow, { type: "flower", url: `${base}/flower` }] : [airflow];
}
