import { describe, expect, it } from "vitest";
import { configFrom } from "../../src/platform/config/config.ts";

describe("kubernetes.namespaced", () => {
  const namespaced = { provisioner: "flux", kubernetes: { namespaced: true } } as const;

  it("needs namespaces to work in", () => {
    expect(() => configFrom(namespaced)).toThrow(
      "kubernetes.namespaced: needs deployments.preCreatedNamespaces, which is empty",
    );
    const deployments = { preCreatedNamespaces: ["blue"] };
    expect(configFrom({ ...namespaced, deployments }).kubernetes.namespaced).toBe(true);
  });

  it("does not matter without a provisioner", () => {
    expect(configFrom({ kubernetes: { namespaced: true } }).provisioner).toBe("none");
  });
});

describe("flux.*", () => {
  it.each(["sourceName", "serviceAccountName", "chart"])("%s is a name that Kubernetes and Flux take", (key) => {
    for (const name of ["a b", "a/b", "-a", ""])
      expect(() => configFrom({ flux: { [key]: name } }), name).toThrow(`flux.${key}: must be the name of a`);
    expect(configFrom({ flux: { [key]: "airflow-1" } }).flux).toMatchObject({ [key]: "airflow-1" });
  });
});
