import type { Resource } from "./kubernetes.ts";

/** The kinds of objects that Houston reads or writes. */
export const namespaces: Resource = core("Namespace", "namespaces", false);
export const secrets: Resource = core("Secret", "secrets", true);
export const pods: Resource = core("Pod", "pods", true);

export const deployments: Resource = ofGroup("apps", "v1", "Deployment", "deployments");
export const statefulSets: Resource = ofGroup("apps", "v1", "StatefulSet", "statefulsets");
export const jobs: Resource = ofGroup("batch", "v1", "Job", "jobs");

/** Flux 2.3 and later. */
export const helmReleases: Resource = ofGroup("helm.toolkit.fluxcd.io", "v2", "HelmRelease", "helmreleases");

function core(kind: string, plural: string, namespaced: boolean): Resource {
  return { group: "", version: "v1", kind, plural, namespaced };
}

function ofGroup(group: string, version: string, kind: string, plural: string): Resource {
  return { group, version, kind, plural, namespaced: true };
}
