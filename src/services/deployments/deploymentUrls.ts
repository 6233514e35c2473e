import { type Config, hostUrl } from "../../platform/config/config.ts";

/**
 * URLs of a Deployment's web pages, on the domain of its cluster or the platform:
 * `https://deployments.<baseDomain>/<releaseName>/airflow`. Only the CeleryExecutor has Flower.
 */
export function deploymentUrls(
  config: Pick<Config, "helm" | "deployments" | "subdomainHttpsEnabled" | "webserver">,
  { releaseName, executor, domain }: { releaseName: string; executor: string; domain: string | null },
): { type: string; url: string }[] {
  const base = `${hostUrl(config, `${config.deployments.subdomain}.${domain ?? config.helm.baseDomain}`)}/${releaseName}`;
  const airflow = { type: "airflow", url: `${base}/airflow` };
  return executor === "CeleryExecutor" ? [airflow, { type: "flower", url: `${base}/flower` }] : [airflow];
}
