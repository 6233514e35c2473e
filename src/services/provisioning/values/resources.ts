import type { Component, Config } from "../../../platform/config/config.ts";
import { type Amount, defaultResources, type Resources } from "../../deployments/sizing/resources.ts";

/** CPU and memory in the units of Kubernetes. */
export const quantities = ({ cpu, memory }: Amount) => ({ cpu: `${cpu}m`, memory: `${memory}Mi` });

/** Requests and limits of one container. */
export const containerResources = ({ requests, limits }: Resources) => ({
  requests: quantities(requests),
  limits: quantities(limits),
});

/** The size of a component that Deployments cannot choose; undefined if the platform does not size it. */
export function fixedResources(settings: Config["deployments"], name: Component["name"]): Resources | undefined {
  const component = settings.components.find((candidate) => candidate.name === name);
  return component && defaultResources(settings, component);
}
