/** What a request that an ingress asks about is for. */
export type AirflowTarget = { deployment: string } | { platform: string };

/** Hosts of the platform's own monitoring, below the base domain. */
const MONITORING = ["grafana", "prometheus", "alertmanager", "kibana"];

/** `<release>-airflow.<base>`: each Airflow has a host of its own. */
const HOST = /^([a-z0-9][a-z0-9-]*)-(?:airflow|flower)$/;

/** `deployments.<base>/<release>/…`: all share one. */
const PATH = /^\/([a-z0-9][a-z0-9-]*)(?:\/|$)/;

/**
 * The Deployment, by its release name, or the part of the platform that a URL leads to; undefined for any other URL. The
 * path is compared as the ingress routes it: a path with dots or escapes before the release name leads nowhere.
 */
export function targetOf(url: string, baseDomain: string): AirflowTarget | undefined {
  // Parsed by hand: URL would resolve "/a/../b" to "/b", and the ingress may not.
  const [, host = "", path = "/"] = /^https?:\/\/([^/?#@\\\s]+)([^?#\s]*)/i.exec(url) ?? [];
  const name = withoutPort(host.toLowerCase());
  const base = `.${withoutPort(baseDomain.toLowerCase())}`;
  if (!name.endsWith(base)) return undefined;
  const label = name.slice(0, -base.length);
  if (MONITORING.includes(label)) return { platform: label };
  const release = label === "deployments" ? steady(path) && PATH.exec(path)?.[1] : HOST.exec(label)?.[1];
  return release ? { deployment: release } : undefined;
}

const withoutPort = (host: string) => host.replace(/:\d+$/, "");

/** Whether no server in between can take the path for another one. */
const steady = (path: string) => !/(?:^|\/)\.{1,2}(?:\/|$)|\/\/|\\|%(?:2e|2f|5c)/i.test(path);

/** The audience of the tokens of a Deployment: the host of its Airflow. Airflow must be configured with the same one. */
export const audienceOf = (releaseName: string, baseDomain: string): string =>
  `${releaseName}-airflow.${withoutPort(baseDomain)}`;
