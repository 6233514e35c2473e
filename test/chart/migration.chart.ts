import { describe, expect, it } from "vitest";
import { containerOf, example, type KubernetesObject, podOf, render, type Values } from "../support/chart.ts";

const HOOK = "helm.sh/hook";
const hooks = (values: Values = {}) =>
  render(values).all.filter(({ metadata }) => metadata.annotations?.[HOOK] !== undefined);
const weightOf = ({ metadata }: KubernetesObject) => Number(metadata.annotations?.["helm.sh/hook-weight"]);

describe("migration.yaml", () => {
  it("migrates the database before anything of a release is installed or changed", () => {
    const job = render().only("Job");
    expect(job.metadata.annotations).toEqual({
      [HOOK]: "pre-install,pre-upgrade",
      "helm.sh/hook-weight": "0",
      "helm.sh/hook-delete-policy": "before-hook-creation,hook-succeeded",
    });
    expect(containerOf(job)).toMatchObject({ command: ["node", "src/main.ts", "migrate"], image: "houston:0.1.0" });
    expect(podOf(job)).toMatchObject({ restartPolicy: "Never", automountServiceAccountToken: false });
    expect(job.spec).toMatchObject({ backoffLimit: 3, activeDeadlineSeconds: 240 });
    expect(render(example("everything.yaml")).only("Job").spec).toMatchObject({
      ...{ backoffLimit: 1, activeDeadlineSeconds: 900 },
    });
  });

  it("has the settings of Houston", () => {
    const { only } = render(example("everything.yaml"));
    expect(containerOf(only("Job")).env).toEqual(containerOf(only("Deployment")).env);
    expect(only("ConfigMap", "houston-migrate").data).toEqual(only("ConfigMap", "houston").data);
  });

  // Nothing of the release exists before the first installation, and later only what the previous version had.
  it("needs no object of the release but those that Helm creates before it", () => {
    const { all, only } = render(example("everything.yaml"));
    const job = only("Job");
    const { volumes, serviceAccountName } = podOf(job);
    const needed = volumes.flatMap(({ configMap }) => (configMap as { name: string } | undefined)?.name ?? []);
    const early = hooks(example("everything.yaml")).filter((hook) => weightOf(hook) < weightOf(job));
    const given = all.filter(({ metadata }) => metadata.annotations?.[HOOK] === undefined);
    expect(needed).toEqual(["houston-migrate", "authorities"]);
    expect(early.map(({ kind, metadata }) => `${kind} ${metadata.name}`).sort()).toEqual([
      "ConfigMap houston-migrate",
      "NetworkPolicy houston-migrate",
    ]);
    expect(given.map(({ metadata }) => metadata.name)).not.toContain("houston-migrate");
    expect(serviceAccountName).toBe("default");
  });

  it("runs as an account that existed before", () => {
    const values = { serviceAccount: { create: false, name: "platform" } };
    expect(podOf(render(values).only("Job")).serviceAccountName).toBe("platform");
  });

  it("leaves the first migration to Houston if the database is part of the release", () => {
    for (const hook of hooks(example("postgresql.yaml"))) {
      expect(hook.metadata.annotations?.[HOOK]).toBe("pre-upgrade");
    }
    expect(hooks(example("postgresql.yaml"))).toHaveLength(3);
  });

  it("is no hook of anything else, and nothing else is a hook", () => {
    expect(hooks({ migration: { enabled: false } })).toEqual([]);
    expect(render({ migration: { enabled: false } }).kind("Job")).toEqual([]);
  });
});
