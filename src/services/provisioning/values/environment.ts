import { createHash } from "node:crypto";
import { at } from "../../../platform/config/tree.ts";
import type { WantedDeployment } from "../wanted/wanted.ts";
import { harmOf } from "./assertHarmless.ts";
import { helmSetting } from "./helmOverrides.ts";
import { signInVariables } from "./signIn.ts";
import type { HelmValues, ValuesContext } from "./valuesContext.ts";

type Variable = WantedDeployment["variables"][number];

/**
 * Set by the chart and by Houston alone: with other values, Airflow would not start or would admit others. The chart puts
 * DUMB_INIT_SETSID into workers itself, and Kubernetes refuses a pod that has a variable twice.
 */
const isReserved = ({ key }: Variable) =>
  key === "AIRFLOW_HOME" || key === "DUMB_INIT_SETSID" || key.startsWith("AIRFLOW__HOUSTON__");

/** Each worker queue has its own. Twice in one pod, Kubernetes refuses a variable. */
export const WORKER_CONCURRENCY = "AIRFLOW__CELERY__WORKER_CONCURRENCY";

const isOfQueues = ({ key }: Variable, { config: { executor }, workerQueues }: WantedDeployment) =>
  key === WORKER_CONCURRENCY && executor === "CeleryExecutor" && workerQueues.length > 0;

/** Set by the chart from Secrets unless it is told not to. Twice in one pod, Kubernetes refuses a variable. */
const BUILT_IN = [
  "AIRFLOW__CORE__FERNET_KEY",
  "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN",
  "AIRFLOW_CONN_AIRFLOW_DB",
  "AIRFLOW__WEBSERVER__SECRET_KEY",
  "AIRFLOW__API__SECRET_KEY",
  "AIRFLOW__API_AUTH__JWT_SECRET",
  "AIRFLOW__CELERY__RESULT_BACKEND",
  "AIRFLOW__CELERY__BROKER_URL",
];

/** The environment variables of a Deployment's pods: its own, and those with which Airflow takes Houston's tokens. */
export function environmentOf(wanted: WantedDeployment, { config }: Pick<ValuesContext, "config">): Variable[] {
  // In a Secret, Helm never sees what it could take for a template, such as one of Airflow's own.
  const own = wanted.variables
    .filter((variable) => !isReserved(variable) && !isOfQueues(variable, wanted))
    .map((variable) => ({ ...variable, isSecret: variable.isSecret || harmOf(variable.value) !== undefined }));
  const { pythonPath, variables } = signInVariables(wanted, config);
  if (pythonPath === undefined) return [...own, ...variables];
  const given = own.find(({ key }) => key === "PYTHONPATH");
  const path = {
    isSecret: false,
    ...given,
    key: "PYTHONPATH",
    value: [pythonPath, given?.value].filter(Boolean).join(":"),
  };
  return [...own.filter((variable) => variable !== given), path, ...variables];
}

/** The longest key of a Secret. */
const MAX_KEY = 253;

/** The key of a secret variable in its Secret: its name, unless Kubernetes does not allow one so long. */
export const secretKeyOf = (name: string): string =>
  name.length <= MAX_KEY ? name : createHash("sha256").update(name).digest("hex");

/** The names of the variables in `deployments.helm.airflow.env`, which go over those of users and of worker queues. */
export function operatorVariables({ settings }: Pick<WantedDeployment, "settings">): Set<unknown> {
  const list = helmSetting(settings, "airflow", "env");
  return new Set(Array.isArray(list) ? list.map((variable) => at(variable, ["name"])) : []);
}

/** `env` and `secret`. Pods restart when a secret value changes. */
export function environmentValues(wanted: WantedDeployment, context: ValuesContext, secretName: string): HelmValues {
  const variables = environmentOf(wanted, context);
  const plain = variables.filter(({ isSecret }) => !isSecret);
  const others = operatorVariables(wanted);
  // Plain ones have the same list as those of the operator.
  const secret = variables.filter(({ key, isSecret }) => isSecret && !others.has(key));
  const replaced = BUILT_IN.filter((name) => variables.some(({ key }) => key === name));
  return {
    // Kubernetes replaces $(NAME) in values, and takes $$ for $.
    env: plain.map(({ key, value }) => ({ name: key, value: value.replaceAll("$", "$$$$") })),
    secret: secret.map(({ key }) => ({ envName: key, secretName, secretKey: secretKeyOf(key) })),
    ...(replaced.length > 0 && {
      enableBuiltInSecretEnvVars: Object.fromEntries(replaced.map((name) => [name, false])),
      // It would have neither, and migrate another database than the one that Airflow uses.
      migrateDatabaseJob: { applyCustomEnv: true },
    }),
    airflowPodAnnotations: { "houston/secrets": context.secretsDigest },
  };
}
