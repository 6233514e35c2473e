import { afterAll } from "vitest";
import { createKubernetesClient } from "../../src/platform/kubernetes/createKubernetesClient.ts";
import type { CredentialSource } from "../../src/platform/kubernetes/credentials.ts";
import type { KubernetesObject } from "../../src/platform/kubernetes/kubernetes.ts";

/** A client until the file's last test, of the server at an URL or of that to which credentials lead. */
export function clientOf(source: string | CredentialSource, requestTimeout = 10_000) {
  const options = { requestTimeout, userAgent: "houston/test" };
  const client = createKubernetesClient(typeof source === "string" ? fixed(source) : source, options);
  afterAll(() => client.close());
  return client;
}

function fixed(server: string): CredentialSource {
  const credentials = { server, token: "some-token", insecureSkipTlsVerify: false };
  return () => credentials;
}

/** A HelmRelease. */
export const release = (name: string, spec: Record<string, unknown> = {}, namespace = "airflow"): KubernetesObject => ({
  apiVersion: "helm.toolkit.fluxcd.io/v2",
  kind: "HelmRelease",
  metadata: { name, namespace },
  spec,
});

/** Where the server has it. */
export const placeOfRelease = (name: string, namespace = "airflow") => ({
  kind: "/apis/helm.toolkit.fluxcd.io/v2/helmreleases",
  namespace,
  name,
});

/** All values of a generator. */
export async function all<T>(values: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const value of values) found.push(value);
  return found;
}
