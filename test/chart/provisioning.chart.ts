import { describe, expect, it } from "vitest";
import { example, render } from "../support/chart.ts";

const common = [
  { apiGroups: [""], resources: ["secrets"], verbs: ["get", "create", "patch", "delete"] },
  {
    apiGroups: ["helm.toolkit.fluxcd.io"],
    resources: ["helmreleases"],
    verbs: ["get", "list", "watch", "create", "patch", "delete"],
  },
  { apiGroups: ["apps"], resources: ["deployments", "statefulsets"], verbs: ["list", "watch"] },
  { apiGroups: ["batch"], resources: ["jobs"], verbs: ["create", "patch"] },
  { apiGroups: [""], resources: ["pods"], verbs: ["list"] },
];
const namespaces = {
  ...{ apiGroups: [""], resources: ["namespaces"] },
  verbs: ["get", "list", "watch", "create", "patch", "delete"],
};
const kinds = ["ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"];
const account = { kind: "ServiceAccount", name: "houston", namespace: "astronomer" };

describe("rbac.yaml", () => {
  it("grants nothing unless Houston provisions Deployments on this cluster", () => {
    for (const values of [{}, example("remote.yaml"), { provisioning: { scope: "namespaces", namespaces: ["one"] } }]) {
      expect(kinds.flatMap((kind) => render(values).kind(kind))).toEqual([]);
    }
  });

  it("grants what Houston does everywhere, namespaces included", () => {
    const { only, kind } = render({ provisioning: { enabled: true } });
    const role = only("ClusterRole");
    expect(role.metadata.name).toBe("astronomer-houston");
    expect(role.rules).toEqual([namespaces, ...common]);
    expect(only("ClusterRoleBinding")).toMatchObject({
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "astronomer-houston" },
      subjects: [account],
    });
    expect([...kind("Role"), ...kind("RoleBinding")]).toEqual([]);
  });

  it("grants it in the listed namespaces only, and nothing about namespaces", () => {
    const { kind } = render(example("namespaces.yaml"));
    for (const wanted of ["Role", "RoleBinding"]) {
      expect(kind(wanted).map(({ metadata }) => metadata.namespace)).toEqual(["airflow-one", "airflow-two"]);
    }
    for (const role of kind("Role")) expect(role.rules).toEqual(common);
    for (const binding of kind("RoleBinding")) {
      expect(binding).toMatchObject({ roleRef: { kind: "Role", name: "astronomer-houston" }, subjects: [account] });
    }
    expect([...kind("ClusterRole"), ...kind("ClusterRoleBinding")]).toEqual([]);
  });

  it("gives releases of other namespaces roles of their own", () => {
    const { only } = render({ provisioning: { enabled: true } }, { namespace: "second" });
    expect(only("ClusterRole").metadata.name).toBe("second-houston");
  });

  it("grants it to the account that was named", () => {
    const values = { provisioning: { enabled: true }, serviceAccount: { create: false, name: "platform" } };
    expect(render(values).only("ClusterRoleBinding").subjects).toEqual([{ ...account, name: "platform" }]);
  });
});
