import { execFileSync } from "node:child_process";
import { join } from "node:path";

/** Paths of the programs of a cluster. */
export interface KubernetesPrograms {
  /** etcd, kube-apiserver, kube-controller-manager and kube-scheduler: the first argument chooses. */
  controlPlane: string;
  /** Flux's helm-controller. */
  helmController: string;
  /** Plays kubelets. */
  kwok: string;
  /** A folder with the definitions of Flux's objects. */
  crds: string;
}

/** Where the sources of the programs are, with the chart and what kwok plays. */
export const programSources = "test/cluster/programs";

/** Builds what is missing, which takes 20 minutes the first time and needs Go. */
export function kubernetesPrograms(): KubernetesPrograms {
  const lines = execFileSync(join(programSources, "build.sh"), {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  return Object.fromEntries(
    lines
      .trim()
      .split("\n")
      .map((line) => line.split(" ")),
  ) as KubernetesPrograms;
}
