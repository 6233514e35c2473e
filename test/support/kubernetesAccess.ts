import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import jwt from "jsonwebtoken";
import { parse } from "yaml";
import type { KubernetesObject, Resource } from "../../src/platform/kubernetes/kubernetes.ts";
import { HOUSTON_NAMESPACE, type KubernetesCluster, kubeconfigOf } from "./kubernetesCluster.ts";

/** The rights that the chart of Houston gives it. */
async function rules(): Promise<unknown[]> {
  const text = await readFile("charts/houston/templates/rbac.yaml", "utf8");
  const [, common = ""] = /define "houston\.rules" -\}\}\n([^{]*)/.exec(text) ?? [];
  const [, ofCluster = ""] = /kind: ClusterRole\n[\s\S]*?\nrules:\n([^{]*?)\n *\{\{-/.exec(text) ?? [];
  return [...(parse(common) as unknown[]), ...(parse(ofCluster) as unknown[])];
}

const serviceAccounts = ofRbac("", "ServiceAccount", "serviceaccounts", true);
const clusterRoles = ofRbac("rbac.authorization.k8s.io", "ClusterRole", "clusterroles", false);
const clusterRoleBindings = ofRbac("rbac.authorization.k8s.io", "ClusterRoleBinding", "clusterrolebindings", false);

/** Houston's access to a cluster. */
export interface KubernetesAccess {
  /** A kubeconfig file, with a token of Houston's service account. */
  path: string;
  kubeconfig: string;
  /** Writes it anew, with a token that the API server accepts for so many seconds. */
  renew(seconds: number): Promise<void>;
}

/** Creates a service account with the rights that Houston needs and no others, or without any, and a kubeconfig for an hour. */
export async function houstonAccess(
  cluster: KubernetesCluster,
  { name = "houston", isAllowed = true } = {},
): Promise<KubernetesAccess> {
  const { client, folder, server, ca, tokenKey } = cluster;
  const account = await client.apply(
    { apiVersion: "v1", kind: "ServiceAccount", metadata: { name, namespace: HOUSTON_NAMESPACE } },
    serviceAccounts,
  );
  const apiVersion = "rbac.authorization.k8s.io/v1";
  const role = { apiVersion, kind: "ClusterRole", metadata: { name }, rules: isAllowed ? await rules() : [] };
  await client.apply(role as KubernetesObject, clusterRoles);
  const binding = {
    ...{ apiVersion, kind: "ClusterRoleBinding", metadata: { name } },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name },
    subjects: [{ kind: "ServiceAccount", name, namespace: HOUSTON_NAMESPACE }],
  };
  await client.apply(binding as KubernetesObject, clusterRoleBindings);

  const { uid } = account.metadata;
  // Signed here, because the API issues none that expires within ten minutes.
  const token = (seconds: number) =>
    jwt.sign({ "kubernetes.io": { namespace: HOUSTON_NAMESPACE, serviceaccount: { name, uid } } }, tokenKey, {
      algorithm: "RS256",
      issuer: "https://kubernetes.default.svc",
      audience: "https://kubernetes.default.svc",
      subject: `system:serviceaccount:${HOUSTON_NAMESPACE}:${name}`,
      expiresIn: seconds,
      notBefore: 0,
    });
  const path = join(folder, `${name}.kubeconfig`);
  const access = {
    path,
    kubeconfig: "",
    async renew(seconds: number) {
      access.kubeconfig = kubeconfigOf({ server, ca, token: token(seconds) });
      await writeFile(`${path}.new`, access.kubeconfig, { mode: 0o600 });
      // As a whole, as Kubernetes replaces mounted files.
      await rename(`${path}.new`, path);
    },
  };
  await access.renew(3_600);
  return access;
}

function ofRbac(group: string, kind: string, plural: string, namespaced: boolean): Resource {
  return { group, version: "v1", kind, plural, namespaced };
}
