import type { Config } from "../../../platform/config/config.ts";
import { helmDefaults } from "../../../platform/config/helmDefaults.ts";
import { at } from "../../../platform/config/tree.ts";
import type { WantedDeployment } from "../wanted/wanted.ts";
import { helmSetting } from "./helmOverrides.ts";
import type { HelmValues } from "./valuesContext.ts";

/** An image as charts take it. */
export interface Image {
  /** With the host and the port of its registry. */
  repository: string;
  tag?: string;
  digest?: string;
}

/** `registry:5000/a/b:1@sha256:…` in its parts. Without tag and digest, the tag is `latest`, as for Docker. */
export function splitImage(image: string): Image {
  const [name = "", digest] = image.split("@");
  // A colon before the last slash belongs to the port.
  const [, repository = name, tag] = /^(.+):([^/:]+)$/.exec(name) ?? [];
  if (digest !== undefined) return { repository, ...(tag !== undefined && { tag }), digest };
  return { repository, tag: tag ?? "latest" };
}

/** Where the Apache Airflow project publishes its images, one tag for each version. */
const APACHE = "apache/airflow";

/** The image of the Deployment's version, for one without an image of its own. */
export function defaultImage(
  {
    airflowVersion,
    runtimeVersion,
    settings,
  }: Pick<WantedDeployment, "airflowVersion" | "runtimeVersion" | "settings">,
  { flux }: Pick<Config, "flux">,
): Image {
  if (runtimeVersion !== null) {
    return { repository: textAt(settings, "runtimeImages", "airflow", "repository"), tag: runtimeVersion };
  }
  const repository = textAt(settings, "airflow", "defaultAirflowRepository");
  const isDefault = repository === helmDefaults["deployments.helm.airflow.defaultAirflowRepository"];
  return { repository: isDefault && flux.profile === "apache" ? APACHE : repository, tag: airflowVersion };
}

/** The home of Airflow in the images of each. */
export const airflowHome = ({ runtimeVersion }: Pick<WantedDeployment, "runtimeVersion">): string =>
  runtimeVersion === null ? "/opt/airflow" : "/usr/local/airflow";

/** `images`, and how the nodes may pull them. */
export function imageValues(wanted: WantedDeployment, { flux }: Pick<Config, "flux">, pullSecret: string): HelmValues {
  const airflow = wanted.image === null ? defaultImage(wanted, { flux }) : splitImage(wanted.image);
  return {
    images: { airflow: { ...airflow, pullPolicy: "IfNotPresent" } },
    airflowHome: airflowHome(wanted),
    ...(wanted.dockerconfigjson !== null && { registry: { secretName: pullSecret } }),
  };
}

function textAt(settings: Config["deployments"], ...path: string[]): string {
  const value = helmSetting(settings, ...path);
  return typeof value === "string" && value !== ""
    ? value
    : String(at(helmDefaults, [`deployments.helm.${path.join(".")}`]));
}
