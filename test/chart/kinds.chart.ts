import { spawnSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";
import { examples, type KubernetesObject, render } from "../support/chart.ts";

/** The oldest version that Chart.yaml allows, and the newest that there are schemas for. */
const versions = ["1.28", "1.37"];

/** Kinds that are not part of Kubernetes. */
const further: Record<string, string> = {
  HTTPRoute: "gateway-api/gateway.networking.k8s.io/v1/HTTPRoute.js",
  ServiceMonitor: "prometheus-operator/monitoring.coreos.com/v1/ServiceMonitor.js",
};

/** Kinds for which there is no schema in a registry. */
const unknown = ["Cluster"];

function validate(objects: readonly KubernetesObject[], version: string) {
  const file = join(mkdtempSync(join(tmpdir(), "houston-chart-")), "objects.yaml");
  writeFileSync(file, objects.map((object) => `---\n${JSON.stringify(object)}\n`).join(""));
  const { KUBERNETES_VALIDATE = "kubernetes-validate" } = process.env;
  const args = ["--strict", "--kubernetes-version", version, file];
  const { status, stdout, stderr, error } = spawnSync(KUBERNETES_VALIDATE, args, { encoding: "utf8" });
  if (error) throw error;
  return { status, output: stdout + stderr };
}

describe.each(examples)("with %s", (_file, values) => {
  const { all } = render(values);
  const ofKubernetes = all.filter(({ kind }) => !(kind in further) && !unknown.includes(kind));

  it.each(versions)("the API server of Kubernetes %s would accept every object", (version) => {
    const { status, output } = validate(ofKubernetes, version);
    expect(output).not.toMatch(/WARN|ERROR/);
    expect(status).toBe(0);
  });

  it("so would those who serve the other kinds", async () => {
    for (const object of all.filter(({ kind }) => kind in further)) {
      const folder = join(process.env.KUBERNETES_MODELS ?? "", "node_modules/@kubernetes-models");
      const module = await import(pathToFileURL(join(folder, further[object.kind] ?? "")).href);
      const model = module[object.kind];
      expect(() => new model(object).validate()).not.toThrow();
    }
  });
});

it("an object that is wrong is noticed", async () => {
  const service = render().only("Service", "houston");
  const { status, output } = validate([{ ...service, spec: { ...service.spec, portz: [] } }], "1.37");
  expect(status).not.toBe(0);
  expect(output).toContain("portz");
});
