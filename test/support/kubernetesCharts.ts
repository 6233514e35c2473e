import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { objectPath } from "../../src/platform/kubernetes/apiPath.ts";
import { KubernetesError, type KubernetesObject, type Resource } from "../../src/platform/kubernetes/kubernetes.ts";
import type { KubernetesCluster } from "./kubernetesCluster.ts";
import { programSources } from "./kubernetesPrograms.ts";

const exec = promisify(execFile);

/** What helm-controller creates for a HelmRelease that takes its chart from a HelmRepository. */
export const helmCharts = ofSource("HelmChart", "helmcharts");
export const ociRepositories = ofSource("OCIRepository", "ocirepositories");

/** A chart that is served. */
interface Artifact {
  url: string;
  path: string;
  digest: string;
}

/**
 * Plays Flux's source-controller: serves the chart of the tests in every version that a HelmChart asks for, and says so in its
 * status. `unavailable` versions do not exist. OCIRepositories are served in the version of their tag.
 */
export async function serveCharts({ client, caller }: KubernetesCluster) {
  const folder = await mkdtemp(join(tmpdir(), "houston-charts-"));
  const packed = new Map<string, Promise<Artifact>>();
  const unavailable = new Set<string>();
  const server = createServer(async (request, response) => {
    response.end(await readFile(join(folder, `${request.url?.slice(1)}`)));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;

  async function pack(version: string): Promise<Artifact> {
    const parent = join(folder, version);
    await mkdir(parent);
    await cp(join(programSources, "airflow"), join(parent, "airflow"), { recursive: true });
    const file = join(parent, "airflow", "Chart.yaml");
    await writeFile(file, (await readFile(file, "utf8")).replace(/^version: .*/m, `version: ${version}`));
    const path = `airflow-${version}.tgz`;
    await exec("tar", ["-czf", join(folder, path), "-C", parent, "airflow"]);
    const digest = createHash("sha256")
      .update(await readFile(join(folder, path)))
      .digest("hex");
    return { url: `http://127.0.0.1:${port}/${path}`, path, digest: `sha256:${digest}` };
  }

  async function answer(resource: Resource, { metadata, spec }: KubernetesObject): Promise<void> {
    const version = resource === helmCharts ? `${spec?.version}` : `${(spec?.ref as { tag?: string })?.tag}`;
    const { generation } = metadata;
    const ready = (status: "True" | "False", reason: string, message: string) => [
      { type: "Ready", status, reason, message, observedGeneration: generation, lastTransitionTime: now() },
    ];
    if (unavailable.has(version)) {
      const message = `no chart version found for airflow-${version}`;
      return patchStatus(resource, metadata, {
        observedGeneration: generation,
        conditions: ready("False", "ChartPullFailed", message),
      });
    }
    const found = packed.get(version) ?? pack(version);
    packed.set(version, found);
    const artifact = await found;
    const revision = resource === helmCharts ? version : `${version}@${artifact.digest}`;
    await patchStatus(resource, metadata, {
      observedGeneration: generation,
      artifact: { ...artifact, revision, lastUpdateTime: now() },
      conditions: ready("True", "Succeeded", `stored artifact of version ${version}`),
    });
  }

  async function patchStatus(resource: Resource, { namespace, name }: KubernetesObject["metadata"], status: object) {
    const path = `${objectPath({ resource, name, ...(namespace && { namespace }) })}/status`;
    await caller.call({ method: "PATCH", path, body: { status }, contentType: "application/merge-patch+json" });
  }

  const stopped = new AbortController();
  const { signal } = stopped;

  /** Answers every object, also after the API server was away. */
  async function follow(resource: Resource): Promise<void> {
    const answered = new Map<string, number | undefined>();
    const look = async (object: KubernetesObject) => {
      const { uid = "", generation } = object.metadata;
      if (answered.get(uid) === generation) return;
      answered.set(uid, generation);
      await answer(resource, object).catch((error) => {
        answered.delete(uid);
        // It was removed meanwhile.
        if (!(error instanceof KubernetesError && error.status === 404)) throw error;
      });
    };
    while (!signal.aborted) {
      try {
        let resourceVersion = "";
        for await (const page of client.list(resource, { signal })) {
          for (const object of page.items) await look(object);
          ({ resourceVersion } = page);
        }
        for await (const event of client.watch(resource, { resourceVersion, signal }))
          if (event.type === "ADDED" || event.type === "MODIFIED") await look(event.object);
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
    }
  }

  const following = [helmCharts, ociRepositories].map(follow);
  return {
    unavailable,
    async stop() {
      stopped.abort();
      await Promise.all(following);
      server.closeAllConnections();
      server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const now = () => new Date().toISOString().replace(/\.\d+Z$/, "Z");

function ofSource(kind: string, plural: string): Resource {
  return { group: "source.toolkit.fluxcd.io", version: "v1", kind, plural, namespaced: true };
}
