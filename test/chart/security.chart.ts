import { describe, expect, it } from "vitest";
import { examples, podOf, render } from "../support/chart.ts";

describe.each(examples)("with %s", (_file, values) => {
  const { all, kind } = render(values);
  const pods = [...kind("Deployment"), ...kind("Job")];

  it("meets the Pod Security Standard “restricted”", () => {
    expect(pods.length).toBeGreaterThan(0);
    for (const object of pods) {
      const pod = podOf(object);
      expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } });
      for (const field of ["hostNetwork", "hostPID", "hostIPC", "initContainers", "hostAliases"]) {
        expect(pod).not.toHaveProperty(field);
      }
      for (const container of pod.containers) {
        // Exactly these: neither privileged nor further capabilities.
        expect(container.securityContext).toEqual({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ["ALL"] },
        });
      }
      for (const { name, ...source } of pod.volumes) {
        expect(["configMap", "projected", "secret", "emptyDir"], name).toContain(Object.keys(source).join());
      }
    }
  });

  it("limits memory and requests CPU", () => {
    for (const object of pods) {
      for (const { resources } of podOf(object).containers) {
        expect(resources).toMatchObject({
          requests: { cpu: expect.any(String), memory: expect.any(String) },
          limits: { memory: expect.any(String) },
        });
      }
    }
  });

  it("lets only its user and group read mounted secrets", () => {
    for (const object of pods) {
      for (const { projected, secret } of podOf(object).volumes) {
        if (projected ?? secret) expect(projected ?? secret).toMatchObject({ defaultMode: 0o440 });
      }
    }
  });

  it("contains no Secret", () => {
    expect(kind("Secret")).toEqual([]);
  });

  it("grants no rights by wildcard, nor any to change rights", () => {
    for (const { rules } of [...kind("ClusterRole"), ...kind("Role")]) {
      const words = (rules as Record<string, string[]>[]).flatMap((rule) => Object.values(rule).flat());
      expect(words.length).toBeGreaterThan(0);
      expect(words.filter((word) => /\*|escalate|bind|impersonate|roles|exec|serviceaccounts/.test(word))).toEqual([]);
    }
  });

  it("labels every object, and names none twice", () => {
    for (const { metadata } of all) {
      expect(metadata.labels).toMatchObject({
        "app.kubernetes.io/name": "houston",
        "app.kubernetes.io/instance": "houston",
        "app.kubernetes.io/component": expect.any(String),
        "app.kubernetes.io/managed-by": "Helm",
        "app.kubernetes.io/version": "0.1.0",
        "helm.sh/chart": "houston-0.1.0",
      });
    }
    const keys = all.map(({ kind, metadata }) => `${kind} ${metadata.namespace ?? ""} ${metadata.name}`);
    expect(new Set(keys).size).toBe(keys.length);
  });
});
