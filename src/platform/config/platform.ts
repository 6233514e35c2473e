import { z } from "zod";
import { flag, formed, optionalText, text, version } from "./setting.ts";

const label = (fallback: string, description: string) =>
  formed(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/i, "one part of a host name", fallback, description);

/** `helm.*`: the release that installed the platform. */
export const helm = z.strictObject({
  baseDomain: formed(
    /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d+)?$/i,
    "a domain, with a port if need be",
    "localhost",
    "Domain under which the platform and its Deployments are reached.",
  ),
  releaseName: optionalText("Name of the platform's Helm release."),
  releaseNamespace: optionalText("Kubernetes namespace of the platform; namespaces of Deployments start with it."),
  releaseVersion: version("0.37.0", "Version of the platform that clients see; they choose their requests by it."),
  singleNamespace: flag(false, "All Deployments share the platform's own namespace."),
});

/** `ui.*`. */
export const ui = z.strictObject({
  subdomain: label("app", "The platform's pages are reached at this name under `helm.baseDomain`."),
});

/** `registry.*`. */
export const registry = z.strictObject({
  protectedCustomRegistry: z.strictObject({
    updateRegistry: z.strictObject({
      enabled: flag(false, "Users push images to a registry of their own; clients get its host from `appConfig`."),
      host: text("localhost", "Host of that registry."),
    }),
  }),
});

/** Settings without a group: names and addresses of the platform. */
export const names = {
  subdomain: label("houston", "The API is reached at this name under `helm.baseDomain`."),
  subdomainHttpsEnabled: flag(true, "Addresses that Houston hands out start with https. false: http."),
  platformReleasesFile: optionalText(
    "File with the platform's releases, from which `updateAvailable` is answered: `{available_releases: [{version, releaseDate, level, url, description}]}`. null: no release is known.",
  ),
  appSubName: text("Astronomer Software", "Name of the platform in mails."),
};
