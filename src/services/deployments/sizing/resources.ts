import type { Component, Config } from "../../../platform/config/config.ts";
import { badInput } from "../../../platform/errors/appError.ts";
import type { AmountInput, ComponentInput } from "./componentInput.ts";

type Limits = Config["deployments"];

/** CPU in thousandths of a core, memory in MiB. */
export interface Amount {
  cpu: number;
  memory: number;
}

/** What one pod of a component sets aside and can use at most. */
export interface Resources {
  requests: Amount;
  limits: Amount;
}

/** What one pod gets when nobody asks: the component's default of astro units. */
export function defaultResources(limits: Limits, { name, au }: Component): Resources {
  const amount = { cpu: au.default * limits.astroUnit.cpu, memory: au.default * limits.astroUnit.memory };
  const share = {
    cpu: setAside(limits, name, "cpu", amount.cpu),
    memory: setAside(limits, name, "memory", amount.memory),
  };
  return { requests: share, limits: amount };
}

/**
 * `current` with what was given. Limits without requests set aside the configured share of them. Throws BAD_USER_INPUT
 * for an amount below 1 or above the component's astro units (`deployments.maxPodAu` at most), and for requests above
 * limits; `at` is how the caller knows the component.
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
      next.requests[unit] = setAside(limits, component.name, unit, limit);
    }
    const request = given?.requests?.[unit];
    if (request === undefined) continue;
    const argument = `${at}.resources.requests.${unit}`;
    next.requests[unit] = checked(limits, component, unit, request, argument);
    if (request > next.limits[unit]) throw badInput(argument, `at most ${next.limits[unit]}, the limit of the pod`);
  }
  return next;
}

function checked(limits: Limits, { au }: Component, unit: keyof AmountInput, amount: number, argument: string): number {
  const most = Math.min(au.limit, limits.maxPodAu);
  if (amount > most * limits.astroUnit[unit])
    throw badInput(argument, `at most ${most * limits.astroUnit[unit]} (${most} AU)`);
  if (amount < 1) throw badInput(argument, "at least 1");
  return amount;
}

/** The share of a limit that a pod sets aside. */
function setAside(limits: Limits, name: Component["name"], unit: keyof AmountInput, limit: number): number {
  if (!limits.overProvisioningComponents.includes(name)) return limit;
  const factor = unit === "cpu" ? limits.overProvisioningFactorCPU : limits.overProvisioningFactorMem;
  return Math.max(1, Math.floor(limit * factor));
}
