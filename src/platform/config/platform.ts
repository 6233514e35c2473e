import { z } from "zod";
import { flag, optionalText, stringMatching, text, version } from "./setting.ts";

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

/** `registry.*`. */
export const registry = z.strictObject({
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
