import { isForAirflow3 } from "../../releases/compareVersions.ts";
import type { WantedDeployment } from "../wanted/wanted.ts";
import { commonValues } from "./commonValues.ts";
import { hasIngress } from "./ingress.ts";
import { joined } from "./joined.ts";
import { secretNamesOf } from "./names.ts";
import type { HelmValues, ValuesContext } from "./valuesContext.ts";
import { flatWorkerValues } from "./workers.ts";

/**
 * The values for Astronomer's chart, which contains that of the Apache Airflow project in an earlier version under `airflow`,
 * and has an ingress and a sign-in of its own.
 */
export function astronomerValues(given: WantedDeployment, context: ValuesContext): HelmValues {
  const { config } = context;
  const wanted = { ...given, airflowVersion: given.airflowVersion || airflowOfRuntime(given.runtimeVersion ?? "") };
  const { settings, dagDeployment, baseDomain } = wanted;
  const { tlsSecretName } = settings.ingress;
  const { enabled: usesDagServer, ...dagDeploy } = settings.dagDeploy;
  return {
    ingress: {
      enabled: hasIngress(wanted),
      baseDomain,
      ...(tlsSecretName !== null && { tlsSecretName }),
    },
    platform: { release: config.helm.releaseName ?? undefined, namespace: config.helm.releaseNamespace ?? undefined },
    authSidecar: settings.authSideCar,
    dagDeploy: { ...dagDeploy, enabled: usesDagServer || dagDeployment.type === "dag_deploy" },
    loggingSidecar: settings.loggingSidecar,
    airflow: joined(commonValues(wanted, context), flatWorkerValues(wanted), {
      webserver: { defaultUser: { enabled: false } },
      webserverSecretKeySecretName: secretNamesOf(wanted.releaseName).webserver,
    }),
  };
}

/** `3.1.0` for `3.1-2`, which begins with its Airflow version; "" for earlier Runtime versions. */
const airflowOfRuntime = (runtimeVersion: string) =>
  isForAirflow3(runtimeVersion) ? `${runtimeVersion.slice(0, runtimeVersion.indexOf("-"))}.0` : "";
