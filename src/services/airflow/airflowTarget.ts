import type { Config } from "../../platform/config/config.ts";

/** What a request that an ingress asks about is for. */
export type AirflowTarget = DeploymentTarget | { platform: string };

/** A Deployment, by its release name, and the domain below which it was asked for: in lower case, without a port. */
export interface DeploymentTarget {
  deployment: string;
  domain: string;
}

/** Hosts of the platform's own monitoring, below `helm.baseDomain`. */
const MONITORING = ["grafana", "prometheus", "alertmanager", "kibana"];

/** `<release>-airflow.<domain>`: each Airflow has a host of its own. */
const HOST = /^([a-z0-9][a-z0-9-]*)-(?:airflow|flower)$/;

/** `<deployments.subdomain>.<domain>/<release>/…`: all share one. */
const PATH = /^\/([a-z0-9][a-z0-9-]*)(?:\/|$)/;

/**
 * The Deployment or the part of the platform that a URL leads to; undefined for any other URL. Clusters have domains of their
 * own, so a Deployment is only there if the domain `isDomain` of its cluster. The path is compared as the ingress routes it: a
 * path with dots or escapes before the release name leads nowhere.
 */
export function targetOf(
  url: string,
  {
    helm,
    deployments,
  }: { helm: Pick<Config["helm"], "baseDomain">; deployments: Pick<Config["deployments"], "subdomain"> },
): AirflowTarget | undefined {
  // Parsed by hand: URL would resolve "/a/../b" to "/b", and the ingress may not.
  const [, asked = "", path = "/"] = /^https?:\/\/([^/?#@\\\s]+)([^?#\s]*)/i.exec(url) ?? [];
  const host = comparable(asked);
  const shared = `${deployments.subdomain.toLowerCase()}.`;
  if (host.startsWith(shared)) {
    const release = steady(path) ? PATH.exec(path)?.[1] : undefined;
    return release === undefined ? undefined : { deployment: release, domain: host.slice(shared.length) };
  }
  const [, label = "", domain = ""] = /^([^.]+)\.(.+)$/.exec(host) ?? [];
  if (MONITORING.includes(label)) return isDomain(domain, helm.baseDomain) ? { platform: label } : undefined;
  const release = HOST.exec(label)?.[1];
  return release === undefined ? undefined : { deployment: release, domain };
}

/** Whether the domain of a target is this one, as it is configured or stored: in any case, maybe with a port. */
export const isDomain = (domain: string, baseDomain: string): boolean => domain === comparable(baseDomain);

const comparable = (host: string) => withoutPort(host.toLowerCase());

const withoutPort = (host: string) => host.replace(/:\d+$/, "");

/** Whether no server in between can take the path for another one. */
const steady = (path: string) => !/(?:^|\/)\.{1,2}(?:\/|$)|\/\/|\\|%(?:2e|2f|5c)/i.test(path);

/** The audience of the tokens of a Deployment: the host of its Airflow. Airflow must be configured with the same one. */
export const audienceOf = (releaseName: string, baseDomain: string): string =>
  `${releaseName}-airflow.${withoutPort(baseDomain)}`;
