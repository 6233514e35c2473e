import type { Component, Config } from "../../../platform/config/config.ts";
import { badInput } from "../../../platform/errors/appError.ts";
import type { AmountInput, ComponentInput } from "./componentInput.ts";

type Limits = Config["deployments"];

/** CPU in thousandths of a core, memory in MiB. */
export interface Amount {
  cpu: number;
  memory: number;
}

/** Requests and limits of one pod of a component. */
export interface Resources {
  requests: Amount;
  limits: Amount;
}

/** The default resources of one pod: the component's default number of astro units. */
export function defaultResources(limits: Limits, { name, au }: Component): Resources {
  const amount = { cpu: au.default * limits.astroUnit.cpu, memory: au.default * limits.astroUnit.memory };
  const share = {
    cpu: requestFor(limits, name, "cpu", amount.cpu),
    memory: requestFor(limits, name, "memory", amount.memory),
  };
  return { requests: share, limits: amount };
}

/**
 * `current` with the given values. For limits without requests, the configured share is requested. Throws BAD_USER_INPUT
 * for an amount below 1 or above the component's limit in astro units (at most `deployments.maxPodAu`), and for requests
 * above limits; `at` is the argument of the component.
 */
export function changeResources(
  limits: Limits,
  component: Component,
  given: ComponentInput["resources"],
  current: Resources,
  at: string,
): Resources {
  const next: Resources = { requests: { ...current.requests }, limits: { ...current.limits } };
  for (const unit of ["cpu", "memory"] as const) {
    const limit = given?.limits?.[unit];
    if (limit !== undefined) {
      next.limits[unit] = checked(limits, component, unit, limit, `${at}.resources.limits.${unit}`);
      next.requests[unit] = requestFor(limits, component.name, unit, limit);
    }
    const request = given?.requests?.[unit];
    if (request === undefined) continue;
    const argument = `${at}.resources.requests.${unit}`;
    next.requests[unit] = checked(limits, component, unit, request, argument);
    if (request > next.limits[unit])
      throw badInput(argument, `must be at most ${next.limits[unit]}, the limit of the pod`);
  }
  return next;
}

function checked(limits: Limits, { au }: Component, unit: keyof AmountInput, amount: number, argument: string): number {
  const maxAu = Math.min(au.limit, limits.maxPodAu);
  if (amount > maxAu * limits.astroUnit[unit])
    throw badInput(argument, `must be at most ${maxAu * limits.astroUnit[unit]} (${maxAu} AU)`);
  if (amount < 1) throw badInput(argument, "must be at least 1");
  return amount;
}

/** The request for a limit: the configured share of it. */
function requestFor(limits: Limits, name: Component["name"], unit: keyof AmountInput, limit: number): number {
  if (!limits.overProvisioningComponents.includes(name)) return limit;
  const factor = unit === "cpu" ? limits.overProvisioningFactorCPU : limits.overProvisioningFactorMem;
  return Math.max(1, Math.floor(limit * factor));
}
