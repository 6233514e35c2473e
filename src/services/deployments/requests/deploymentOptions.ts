import type { Config } from "../../../platform/config/config.ts";
import { amountOf } from "../../../platform/input/quantity.ts";
import type { Amount } from "../sizing/resources.ts";
import { type DeploymentType, type ExecutorName, executorTypes } from "./deploymentRequest.ts";

/** What narrows the options; everything is optional. */
export interface OptionsFilter {
  deploymentType?: DeploymentType | undefined;
  executor?: ExecutorName | undefined;
  cloudProvider?: string | undefined;
}

/**
 * What Deployments may have, from `platformApi.deploymentOptions` and the limits in `config`, which may be those of one
 * Deployment. Creating and updating Deployments accept exactly these values.
 */
export function deploymentOptions(config: Config, { deploymentType, executor, cloudProvider }: OptionsFilter) {
  const { workerMachines, workerQueues, resourceQuotas } = config.platformApi.deploymentOptions;
  const executors = executorsFor(config, deploymentType);
  const hasMachines = deploymentType !== "HYBRID" && executor !== "KUBERNETES";
  return {
    executors: executors.filter((name) => executor === undefined || name === executor),
    resourceQuotas,
    schedulerMachines: deploymentType === "HYBRID" ? [] : schedulerMachines(config),
    workerMachines: hasMachines ? workerMachines : [],
    workerQueues,
    workloadIdentityOptions: workloadIdentities(config, cloudProvider),
  };
}

const names = Object.keys(executorTypes) as ExecutorName[];

/** The executors that are enabled; those of type HYBRID have no ASTRO. */
export function executorsFor({ deployments }: Config, type: DeploymentType | undefined): ExecutorName[] {
  const enabled = new Set<string>(deployments.executors.filter((one) => one.enabled).map(({ name }) => name));
  return names.filter((name) => enabled.has(executorTypes[name]) && !(name === "ASTRO" && type === "HYBRID"));
}

/** The sizes of schedulers that are within the limits of the component. */
export function schedulerMachines(config: Config) {
  const { maximum } = schedulerLimits(config);
  return config.platformApi.deploymentOptions.schedulerMachines.filter(({ spec }) => {
    const { cpu, memory } = podOf(spec);
    return cpu <= maximum.cpu && memory <= maximum.memory;
  });
}

/** CPU in thousandths of a core and memory in MiB, as the settings of components have them. */
export const podOf = ({ cpu, memory }: { cpu: string; memory: string }): Amount => ({
  cpu: Math.round(amountOf(cpu) * 1000),
  memory: Math.floor(amountOf(memory) / 2 ** 20),
});

/** The limits of schedulers: astro units and size of one pod, and the number of pods. */
export function schedulerLimits({ deployments }: Config) {
  const { astroUnit, maxPodAu, components } = deployments;
  const { au, replicas } = components.find(({ name }) => name === "scheduler") ?? {};
  const maxAu = Math.min(au?.limit ?? 0, maxPodAu);
  const { minimum, limit } = replicas ?? { minimum: 1, limit: 1 };
  return { maxAu, maximum: { cpu: maxAu * astroUnit.cpu, memory: maxAu * astroUnit.memory }, minimum, limit };
}

/** The identities that a Deployment in the cloud of this provider may use; empty if it may name any. */
export const workloadIdentities = ({ platformApi }: Config, cloudProvider: string | undefined) =>
  platformApi.deploymentOptions.workloadIdentityOptions
    .filter((one) => cloudProvider === undefined || (one.cloudProvider ?? cloudProvider) === cloudProvider)
    .map(({ label, role }) => ({ label, role }));
