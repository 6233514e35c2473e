import { stringify } from "yaml";

/** The kubeconfig of one cluster, as YAML, with these fields of its cluster and its user. */
export const kubeconfig = (cluster: object, user: object = { token: "some-token" }, rest: object = {}) =>
  stringify({
    apiVersion: "v1",
    kind: "Config",
    "current-context": "main",
    contexts: [{ name: "main", context: { cluster: "prod", user: "admin", namespace: "airflow" } }],
    clusters: [{ name: "prod", cluster }],
    users: [{ name: "admin", user }],
    ...rest,
  });

/** The base64 of a text. */
export const base64 = (text: string) => Buffer.from(text).toString("base64");
