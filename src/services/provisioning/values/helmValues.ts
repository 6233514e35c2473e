import { whyNotInChart } from "../../releases/whyNotRunnable.ts";
import type { WantedDeployment } from "../wanted/wanted.ts";
import { assertHarmless } from "./assertHarmless.ts";
import { astronomerValues } from "./astronomerValues.ts";
import { commonValues } from "./commonValues.ts";
import { helmOverrides } from "./helmOverrides.ts";
import { ingressValues } from "./ingress.ts";
import { defined, joined } from "./joined.ts";
import { secretNamesOf } from "./names.ts";
import type { HelmValues, ValuesContext } from "./valuesContext.ts";
import { ValuesError } from "./valuesError.ts";
import { isAirflow3 } from "./version.ts";
import { workerValues } from "./workers.ts";

/**
 * The values of a Deployment for the chart in `flux.profile`: that of the Apache Airflow project from 1.20 on, or
 * Astronomer's. What an operator set in `deployments.helm` is laid over them (for the first, the part below `airflow`).
 * Secrets of users appear only by the names of their Secrets. Throws a ValuesError for what the chart cannot run.
 */
export function helmValues(wanted: WantedDeployment, context: ValuesContext): HelmValues {
  const { airflow = {}, ...others } = helmOverrides(wanted.settings);
  const isApache = context.config.flux.profile === "apache";
  const own = isApache ? apacheValues(wanted, context) : astronomerValues(wanted, context);
  // Operators may use templates.
  assertHarmless(own);
  return defined(joined(own, isApache ? (airflow as HelmValues) : { ...others, airflow })) as HelmValues;
}

function apacheValues(wanted: WantedDeployment, context: ValuesContext): HelmValues {
  const refusal = whyNotInChart(context.config, wanted);
  if (refusal !== undefined) throw new ValuesError(refusal);
  const { api, webserver } = secretNamesOf(wanted.releaseName);
  return joined(
    commonValues(wanted, context),
    workerValues(wanted),
    ingressValues(wanted, context.config),
    { createUserJob: { defaultUser: { enabled: false } } },
    isAirflow3(wanted) ? { apiSecretKeySecretName: api } : { webserverSecretKeySecretName: webserver },
  );
}
