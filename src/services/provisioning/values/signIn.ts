import { type Config, hostUrl, pagesUrl } from "../../../platform/config/config.ts";
import { audienceOf } from "../../airflow/airflowTarget.ts";
import { deploymentUrls } from "../../deployments/deploymentUrls.ts";
import type { WantedDeployment } from "../wanted/wanted.ts";
import type { HelmValues, ValuesContext } from "./valuesContext.ts";
import { isAirflow3, takesTokens } from "./version.ts";

/** Where the package with which Airflow takes Houston's tokens is mounted, and its name there. */
const FOLDER = "/opt/houston";
const PACKAGE = "houston_airflow_auth";
const VOLUME = "houston-sign-in";

/** Whether Airflow takes Houston's tokens by our package. Astronomer's chart brings its own. */
export const usesSignInPackage = (wanted: WantedDeployment, { flux }: Config) =>
  flux.profile === "apache" && takesTokens(wanted);

/** The URL at which Deployments and their ingress reach a path of Houston's API. */
export function houstonUrl(config: Config, { settings }: Pick<WantedDeployment, "settings">, path: string): string {
  const { webserver, subdomain, helm } = config;
  const base = settings.houstonUrl ?? webserver.publicUrl ?? hostUrl(config, `${subdomain}.${helm.baseDomain}`);
  const parts = [base, webserver.endpoint, path].map((part) => part.replace(/^\/+|\/+$/g, ""));
  return parts.filter((part) => part !== "").join("/");
}

/** The URL of Airflow's web page for browsers. */
export function webUrl(config: Config, { releaseName, config: { executor }, baseDomain, settings }: WantedDeployment) {
  const urls = deploymentUrls({ ...config, deployments: settings }, { releaseName, executor, domain: baseDomain });
  return urls.find(({ type }) => type === "airflow")?.url ?? "";
}

/** Environment variables for our package, and where Python finds it; none if Airflow cannot take Houston's tokens. */
export function signInVariables(
  wanted: WantedDeployment,
  config: Config,
): { pythonPath?: string; variables: WantedDeployment["variables"] } {
  if (!usesSignInPackage(wanted, config)) return { variables: [] };
  const pages = pagesUrl(config);
  const options = {
    JWKS_URL: houstonUrl(config, wanted, ".well-known/jwks.json"),
    // Houston signs for the domain of the platform, also where a cluster has its own.
    AUDIENCE: audienceOf(wanted.releaseName, config.helm.baseDomain),
    ISSUER: config.jwt.issuer,
    LOGIN_URL: `${pages}/login`,
    LOGOUT_URL: `${pages}/sign-out`,
  };
  return {
    pythonPath: FOLDER,
    variables: Object.entries(options).map(([option, value]) => ({
      ...{ key: `AIRFLOW__HOUSTON__${option}`, value, isSecret: false },
    })),
  };
}

/** The configuration with which Airflow takes Houston's tokens, and knows its own address. */
export function signInValues(wanted: WantedDeployment, context: ValuesContext, secretName: string): HelmValues {
  const { config, webserverConfig } = context;
  const section = isAirflow3(wanted) ? "api" : "webserver";
  const address = { [section]: { base_url: webUrl(config, wanted) } };
  if (!usesSignInPackage(wanted, config)) return { config: address };
  const manager = isAirflow3(wanted) ? { core: { auth_manager: `${PACKAGE}.auth_manager.HoustonAuthManager` } } : {};
  return {
    config: { ...address, ...manager },
    ...(!isAirflow3(wanted) && { webserver: { webserverConfig } }),
    volumes: [{ name: VOLUME, secret: { secretName } }],
    volumeMounts: [{ name: VOLUME, mountPath: `${FOLDER}/${PACKAGE}`, readOnly: true }],
  };
}
