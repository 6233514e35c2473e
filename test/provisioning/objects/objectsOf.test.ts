import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import type { KubernetesObject } from "../../../src/platform/kubernetes/kubernetes.ts";
import type { ObjectsContext } from "../../../src/services/provisioning/objects/objectsContext.ts";
import { objectsOf } from "../../../src/services/provisioning/objects/objectsOf.ts";
import { readSignInPackage } from "../../../src/services/provisioning/objects/readSignInPackage.ts";
import { connections, keys, platform, wantedDeployment } from "../wantedDeployment.ts";

const config = platform();
const context: ObjectsContext = { config, signIn: readSignInPackage(), onFailedUpgrade: "rollback" };

const secretOf = (objects: readonly KubernetesObject[], name: string) => {
  const data = objects.find(({ kind, metadata }) => kind === "Secret" && metadata.name === name)?.data;
  return data && Object.fromEntries(Object.entries(data).map(([key, value]) => [key, atob(value)]));
};

describe("objectsOf", () => {
  it("lists the Namespace, then the Secrets, then the HelmRelease", () => {
    const { objects } = objectsOf(wantedDeployment(config), keys, connections, context);
    const kinds = objects.map(({ kind }) => kind);
    expect(kinds).toEqual(["Namespace", ...kinds.slice(2).map(() => "Secret"), "HelmRelease"]);
    expect(kinds.length).toBeGreaterThan(10);
  });

  it("keeps the values in the Secret that the HelmRelease names", () => {
    const { objects } = objectsOf(wantedDeployment(config), keys, connections, context);
    const release = objects.at(-1);
    expect(release?.spec?.valuesFrom).toEqual([
      { kind: "Secret", name: "quiet-comet-1000-values", valuesKey: "values.yaml" },
    ]);
    const values = parse(secretOf(objects, "quiet-comet-1000-values")?.["values.yaml"] ?? "");
    expect(values).toMatchObject({ airflowVersion: "3.2.2", executor: "CeleryExecutor" });
  });
});
