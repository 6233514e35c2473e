// node bench/provisioning.ts [--deployments 1000] [--parallel 16] [--releases 10000] [--workloads 2] [--changes 1000]
//                            [--only P1,P2] [--smoke]
// How fast Houston makes Deployments run, against a real Kubernetes API server. P1: applying new Deployments, compared with
// `kubectl apply --server-side` for the same objects. P2: watching HelmReleases: memory for each, how long a change takes to
// reach a subscription on another replica, and what happens when the one that watches dies. It needs Go and Python 3.
import { parseArgs } from "node:util";
import { applyDeployments } from "./applyDeployments.ts";
import { provisioningSetup } from "./provisioningSetup.ts";
import { watchReleases } from "./watchReleases.ts";
import { withCleanup } from "./withCleanup.ts";

const { values } = parseArgs({
  options: {
    deployments: { type: "string", default: "1000" },
    parallel: { type: "string", default: "16" },
    releases: { type: "string", default: "10000" },
    workloads: { type: "string", default: "2" },
    changes: { type: "string", default: "1000" },
    only: { type: "string", default: "P1,P2" },
    smoke: { type: "boolean", default: false },
  },
});
const size = (name: "deployments" | "parallel" | "releases" | "workloads" | "changes", smoke: number) =>
  values.smoke ? smoke : Number(values[name]);
const only = new Set(values.only.split(","));

const lines: string[] = [];
const row = (name: string, aim: string, result: string) => lines.push(`| ${name} | ${aim} | ${result} |`);
const percentile = (numbers: readonly number[], share: number) =>
  numbers.toSorted((a, b) => a - b)[Math.ceil(numbers.length * share) - 1] ?? 0;

if (only.has("P1")) {
  const { deployments, objects, houston, kubectl } = await withCleanup(async (onEnd) =>
    applyDeployments(await provisioningSetup(onEnd), { count: size("deployments", 20), parallel: size("parallel", 8) }),
  );
  const seconds = (time: number) => `${time.toFixed(1)} s`;
  const found = `${seconds(houston)}, kubectl ${seconds(kubectl)}: ${(houston / kubectl).toFixed(2)}`;
  row(`P1 apply ${deployments} Deployments (${objects} objects)`, "at most 1.5 times kubectl", found);
}
if (only.has("P2")) {
  const sizes = { count: size("releases", 200), workloads: size("workloads", 1), changes: size("changes", 40) };
  const found = await withCleanup(async (onEnd) => watchReleases(await provisioningSetup(onEnd), sizes));
  const title = `P2 ${found.releases} HelmReleases with ${found.workloads} workloads each`;
  row(`${title}: heap for each`, "15 KB", `${found.heapKilobytes.toFixed(1)} KB`);
  const [p50, p99] = [0.5, 0.99].map((share) => `${percentile(found.milliseconds, share).toFixed(0)} ms`);
  row("P2 a change reaches a follower", "1 s (p99)", `p50 ${p50}, p99 ${p99}`);
  const after = `${found.peakMegabytes.toFixed(0)} MB at most, ${found.pages} pages, after ${found.takeOverSeconds.toFixed(1)} s`;
  row("P2 another replica takes over", "300 MB, in pages", after);
}
process.stdout.write(`| measured | aim | result |\n| --- | --- | --- |\n${lines.join("\n")}\n`);
