import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TLSSocket } from "node:tls";
import { describe, expect, it } from "vitest";
import { kubeconfigFile } from "../../src/platform/kubernetes/credentialSources.ts";
import { readKubeconfig } from "../../src/platform/kubernetes/readKubeconfig.ts";
import { helmReleases } from "../../src/platform/kubernetes/resources.ts";
import { kubernetesServer } from "../support/kubernetesServer.ts";
import { authority } from "./authority.ts";
import { all, clientOf, release } from "./client.ts";
import { base64, kubeconfig } from "./kubeconfig.ts";

const cluster = authority();
const other = authority();
const server = await kubernetesServer({ tls: cluster.issue("127.0.0.1"), tokens: new Set(["some-token"]) });

/** A client with a kubeconfig of a caller. */
const clientWith = (inCluster: object, user?: object) => {
  const credentials = readKubeconfig(kubeconfig(inCluster, user), { files: false });
  return clientOf(() => credentials);
};
const trusted = { server: server.url, "certificate-authority-data": base64(cluster.cert) };

describe("a connection with TLS", () => {
  it("is made to a server with a certificate of the cluster's authority", async () => {
    const client = clientWith(trusted);
    await client.apply(release("secure"), helmReleases);
    const [page] = await all(client.list(helmReleases, {}));
    expect(page?.items).toHaveLength(1);
    const events = client.watch(helmReleases, { resourceVersion: `${server.store.version - 1}` });
    expect((await events.next()).value).toMatchObject({ type: "ADDED" });
    await events.return(undefined);
  });

  it.each([
    ["another authority", { ...trusted, "certificate-authority-data": base64(other.cert) }],
    ["well-known authorities", { server: server.url }],
  ])("is refused to a server that is not known to %s", async (_, inCluster) => {
    await expect(clientWith(inCluster).version()).rejects.toMatchObject({
      name: "KubernetesError",
      status: undefined,
      message: "The Kubernetes API cannot be reached: unable to verify the first certificate",
    });
    expect(server.requests.filter(({ url }) => url.pathname === "/version")).toEqual([]);
  });

  it("is refused to a server with another name in its certificate, unless tls-server-name says so", async () => {
    const named = await kubernetesServer({ tls: cluster.issue("kubernetes.default.svc") });
    await expect(clientWith({ ...trusted, server: named.url }).version()).rejects.toThrow(
      /cannot be reached: .*127\.0\.0\.1/,
    );
    const client = clientWith({ ...trusted, server: named.url, "tls-server-name": "kubernetes.default.svc" });
    expect(await client.version()).toBe("v1.37.2");
  });

  it("may be made to any server by a kubeconfig of the operator", async () => {
    const text = kubeconfig({ server: server.url, "insecure-skip-tls-verify": true });
    const credentials = readKubeconfig(text, { files: true });
    expect(await clientOf(() => credentials).version()).toBe("v1.37.2");
  });

  it("shows a client certificate", async () => {
    const mutual = await kubernetesServer({ tls: { ...cluster.issue("127.0.0.1"), ca: cluster.cert } });
    const names: unknown[] = [];
    mutual.intercept = (_, response) => {
      names.push((response.socket as TLSSocket).getPeerCertificate().subject.CN);
      return false;
    };
    const { cert, key } = cluster.issue("houston");
    const client = clientWith(
      { ...trusted, server: mutual.url },
      { "client-certificate-data": base64(cert), "client-key-data": base64(key) },
    );
    expect(await client.version()).toBe("v1.37.2");
    expect(names).toEqual(["houston"]);
    await expect(clientWith({ ...trusted, server: mutual.url }).version()).rejects.toThrow(/cannot be reached/);
  });

  it("is made anew when a kubeconfig leads elsewhere", async () => {
    const moved = await kubernetesServer({ tls: other.issue("127.0.0.1"), tokens: new Set(["other-token"]) });
    const path = join(mkdtempSync(join(tmpdir(), "kubeconfig-")), "config");
    writeFileSync(path, kubeconfig(trusted));
    const client = clientOf(kubeconfigFile(path));
    await client.version();
    const elsewhere = { server: moved.url, "certificate-authority-data": base64(other.cert) };
    writeFileSync(path, kubeconfig(elsewhere, { token: "other-token" }));
    // The old server's refusal makes it read the file again.
    server.intercept = (_, response) => {
      response.writeHead(401).end();
      return true;
    };
    expect(await client.version()).toBe("v1.37.2");
    expect(moved.requests).toHaveLength(1);
    server.intercept = undefined;
  });
});
