import type { WantedDeployment } from "../wanted/wanted.ts";
import { chosenSettings } from "./chosenSettings.ts";
import { componentValues, webComponent } from "./components.ts";
import { dagValues } from "./dags.ts";
import { environmentValues } from "./environment.ts";
import { imageValues } from "./image.ts";
import { joined } from "./joined.ts";
import { deploymentLabels } from "./labels.ts";
import { secretNamesOf } from "./names.ts";
import { quotaValues } from "./quotas.ts";
import { containerResources, fixedResources } from "./resources.ts";
import { signInValues } from "./signIn.ts";
import type { HelmValues, ValuesContext } from "./valuesContext.ts";
import { isAirflow3 } from "./version.ts";

/** The values that the chart of the Apache Airflow project has in every version that Houston knows. */
export function commonValues(wanted: WantedDeployment, context: ValuesContext): HelmValues {
  const { config } = context;
  const names = secretNamesOf(wanted.releaseName);
  return joined(
    {
      // Without one, the chart has a version of its own.
      airflowVersion: wanted.airflowVersion || undefined,
      executor: wanted.config.executor,
      labels: deploymentLabels(wanted, config),
    },
    imageValues(wanted, config, names.registry),
    componentValues(wanted),
    storeValues(wanted),
    jobValues(wanted),
    dagValues(wanted, config, names.git),
    signInValues(wanted, context, names.signIn),
    environmentValues(wanted, context, names.environment),
    quotaValues(wanted, config),
    cloudRoleValues(wanted),
    // A new value restarts the pods of the web page.
    wanted.webserverReboot
      ? { [webComponent(wanted)]: { podAnnotations: { "houston/restart": `${wanted.revision}` } } }
      : {},
  );
}

/** Databases, and the keys that must stay the same: without Secrets for them, the chart would make new ones each time. */
function storeValues(wanted: WantedDeployment): HelmValues {
  const names = secretNamesOf(wanted.releaseName);
  const isCelery = wanted.config.executor === "CeleryExecutor";
  const ownsDatabase = wanted.settings.database.enabled;
  const sized = (name: "redis" | "flower") => {
    const resources = isCelery ? fixedResources(wanted.settings, name) : undefined;
    return resources && containerResources(resources);
  };
  return {
    postgresql: { enabled: false },
    pgbouncer: { enabled: false },
    // Without `deployments.database.enabled`, the operator gives the database in `deployments.helm.airflow.data`.
    data: {
      ...(ownsDatabase && { metadataSecretName: names.metadata }),
      ...(ownsDatabase && isCelery && { resultBackendSecretName: names.resultBackend }),
      ...(isCelery && { brokerUrlSecretName: names.broker }),
    },
    fernetKeySecretName: names.fernet,
    ...(isAirflow3(wanted) && { jwtSecretName: names.jwt }),
    redis: { enabled: isCelery, ...(isCelery && { passwordSecretName: names.redis, resources: sized("redis") }) },
    flower: { enabled: isCelery, resources: sized("flower") },
  };
}

/** As hooks of Helm, the jobs would wait for pods that wait for the jobs. */
function jobValues(wanted: WantedDeployment): HelmValues {
  const plain = { useHelmHooks: false, applyCustomEnv: false };
  const scheduler = chosenSettings(wanted, "scheduler");
  const resources = scheduler && containerResources(scheduler.resources);
  return { createUserJob: plain, migrateDatabaseJob: { ...plain, resources } };
}

/** The cloud role of the pods that run DAGs or read them. */
function cloudRoleValues(wanted: WantedDeployment): HelmValues {
  const { cloudRole, settings } = wanted;
  const key = settings.serviceAccountAnnotationKey;
  if (cloudRole === null || key === null) return {};
  const components = ["scheduler", "workers", "triggerer", "dagProcessor", webComponent(wanted), "migrateDatabaseJob"];
  return Object.fromEntries(
    components.map((name) => [name, { serviceAccount: { annotations: { [key]: cloudRole } } }]),
  );
}
