import type { Config } from "../../../platform/config/config.ts";
import { badInput } from "../../../platform/errors/appError.ts";
import { amountOf } from "../../../platform/input/quantity.ts";

const fields = ["defaultTaskPodCpu", "defaultTaskPodMemory", "resourceQuotaCpu", "resourceQuotaMemory"] as const;

/** The default size of pods for tasks, and what all of them may use together, as Kubernetes quantities. */
export type Quotas = { [field in (typeof fields)[number]]?: string | undefined };

/** The largest pod and the quota that it must fit into. */
const pairs = [
  ["defaultTaskPodCpu", "resourceQuotaCpu"],
  ["defaultTaskPodMemory", "resourceQuotaMemory"],
] as const;

/**
 * The given quotas, otherwise the stored ones, otherwise the defaults of the platform, in the spelling in which they were
 * given. Throws BAD_USER_INPUT for a value outside of the options, unless it is stored already, and for a pod that is larger
 * than the quota.
 */
export function quotasAfter({ platformApi }: Config, given: Quotas, stored: Quotas): Required<Quotas> {
  const { defaultPodSize, resourceQuota } = platformApi.deploymentOptions.resourceQuotas;
  const ranges = {
    defaultTaskPodCpu: defaultPodSize.cpu,
    defaultTaskPodMemory: defaultPodSize.memory,
    resourceQuotaCpu: resourceQuota.cpu,
    resourceQuotaMemory: resourceQuota.memory,
  };
  const after = Object.fromEntries(
    fields.map((field) => [field, given[field] ?? stored[field] ?? ranges[field].default]),
  ) as Record<(typeof fields)[number], string>;
  for (const field of fields) {
    const { floor, ceiling } = ranges[field];
    const amount = amountOf(after[field]);
    if (after[field] === stored[field] || (amount >= amountOf(floor) && amount <= amountOf(ceiling))) continue;
    throw badInput(field, `must be from ${floor} to ${ceiling}`);
  }
  for (const [pod, quota] of pairs) {
    if (amountOf(after[pod]) <= amountOf(after[quota])) continue;
    // The one that was not given is not at fault.
    const [field, most] =
      given[pod] === undefined
        ? [quota, `at least ${after[pod]}, the ${pod}`]
        : [pod, `at most ${after[quota]}, the ${quota}`];
    throw badInput(field, `must be ${most}`);
  }
  return after;
}
