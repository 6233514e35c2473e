import { z } from "zod";
import { EmailAddress } from "../input/emailAddress.ts";
import { flag, integer, optionalText, setting, stringMatching, text, version } from "./setting.ts";

const label = (fallback: string, description: string) =>
  stringMatching(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/i, "a single label of a host name", fallback, description);

/** `helm.*`: the release that installed the platform. */
export const helm = z.strictObject({
  baseDomain: stringMatching(
    /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d+)?$/i,
    "a domain, optionally with a port",
    "localhost",
    "Domain of the platform and its Deployments.",
  ),
  releaseName: optionalText("Name of the platform's Helm release."),
  releaseNamespace: optionalText(
    "Kubernetes namespace of the platform. It is the prefix of the namespaces of Deployments.",
  ),
  releaseVersion: version("0.37.0", "Platform version reported to clients, which choose their requests by it."),
  singleNamespace: flag(false, "Runs all Deployments in the namespace of the platform."),
});

/** `ui.*`. */
export const ui = z.strictObject({
  subdomain: label("app", "Subdomain of `helm.baseDomain` for the platform's user interface."),
});

/** `airflowAccess.*`: who may open the Airflow of a Deployment. */
export const airflowAccess = z.strictObject({
  tokenDuration: setting(
    z.int().min(60_000).max(86_400_000),
    900_000,
    "Lifetime of the tokens that tell an Airflow who is visiting and with which role, in milliseconds. A lost role counts within it even where an ingress caches answers.",
    { allowed: "a whole number from 60000 to 86400000" },
  ),
  cacheDuration: setting(
    z.int().min(0).max(5_000),
    0,
    "Time for which Houston remembers that a caller may open an Airflow, in milliseconds. Everyone is forgotten as soon as somebody loses a role, a session or a key, on all replicas, within milliseconds. 0: every request is decided by the database.",
    { allowed: "a whole number from 0 to 5000" },
  ),
});

/** `alertmanager.*`: alerts that Prometheus' Alertmanager reports. */
export const alertmanager = z.strictObject({
  authHeader: optionalText(
    "Secret that Alertmanager sends in `authorization` to `<webserver.endpoint>/alerts` on `webserver.port`. null: the path exists only on `webserver.operationsPort`, where it needs no secret.",
    { secret: true },
  ),
  recipients: setting(
    z.array(EmailAddress),
    [],
    "Addresses that are told of alerts without the label `deployment`, which are about the platform. Empty: those of the System Admins.",
    { allowed: "a list of e-mail addresses" },
  ),
});

/** `registry.*`. */
export const registry = z.strictObject({
  host: stringMatching(
    /^([\w.-]+|\[[\da-f:.]+\])$/i,
    "a host name or an IP address",
    "localhost",
    "Host at which Houston reaches the image registry. It reads there, from the labels of images that were pushed, which version of Runtime or Airflow they contain.",
  ),
  port: integer(5000, "Port of the image registry.", 1, 65_535),
  tls: flag(false, "Houston reads from the image registry with https. false: http, as within a cluster."),
  authHeader: optionalText(
    "Secret that the image registry sends in `authorization` when it reports pushes to `<webserver.endpoint>/registry/events`; its `notifications.endpoints[].headers`. null: the path does not exist.",
    { secret: true },
  ),
  protectedCustomRegistry: z.strictObject({
    updateRegistry: z.strictObject({
      enabled: flag(false, "Users push images to their own registry. Clients get its host from `appConfig`."),
      host: text("localhost", "Host of that registry."),
    }),
  }),
});

/** Settings without a group: names and addresses of the platform. */
export const names = {
  subdomain: label("houston", "Subdomain of `helm.baseDomain` for the API."),
  subdomainHttpsEnabled: flag(
    true,
    "URLs returned by Houston start with https. false: http. `webserver.publicUrl` takes precedence.",
  ),
  platformReleasesFile: optionalText(
    "File with the releases of the platform, used by `updateAvailable`: `{available_releases: [{version, releaseDate, level, url, description}]}`. null: no releases are known.",
  ),
  appSubName: text("Houston", "Name of the platform in e-mails."),
};
