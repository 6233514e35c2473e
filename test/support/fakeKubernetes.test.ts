import { describe, expect, it } from "vitest";
import type { KubernetesObject, Page, WatchEvent } from "../../src/platform/kubernetes/kubernetes.ts";
import { helmReleases, namespaces, secrets } from "../../src/platform/kubernetes/resources.ts";
import { FakeKubernetes } from "./fakeKubernetes.ts";

const release = (name: string, spec: Record<string, unknown>, labels = {}): KubernetesObject => ({
  apiVersion: "helm.toolkit.fluxcd.io/v2",
  kind: "HelmRelease",
  metadata: { name, namespace: "airflow", labels },
  spec,
});
const secret = (stringData: Record<string, string>): KubernetesObject => ({
  apiVersion: "v1",
  kind: "Secret",
  metadata: { name: "keys", namespace: "airflow" },
  stringData,
});
const ref = (name: string) => ({ resource: helmReleases, namespace: "airflow", name });
const start = (options = {}) => {
  const server = new FakeKubernetes({ namespaces: ["airflow"], ...options });
  return { server, client: server.client() };
};
async function pagesOf(pages: AsyncGenerator<Page>): Promise<Page[]> {
  const all: Page[] = [];
  for await (const page of pages) all.push(page);
  return all;
}
const said = ({ type, ...event }: WatchEvent) => [type, "object" in event ? event.object.metadata.name : undefined];

describe("the Kubernetes API in memory", () => {
  it("applies an object, removes fields that are no longer applied, and keeps those of others", async () => {
    const { server, client } = start();
    const first = await client.apply(release("a", { interval: "30m", values: { x: 1, y: 2 } }), helmReleases);
    expect(first.metadata).toMatchObject({ generation: 1, uid: expect.any(String) });
    server.change(ref("a"), { metadata: { finalizers: ["finalizers.fluxcd.io"] }, spec: { values: { z: 3 } } });
    const { metadata, spec } = await client.apply(release("a", { interval: "1h", values: { x: 1 } }), helmReleases);
    expect(spec).toEqual({ interval: "1h", values: { x: 1, z: 3 } });
    expect(metadata).toMatchObject({ generation: 3, uid: first.metadata.uid, finalizers: ["finalizers.fluxcd.io"] });
  });

  it("neither stores nor reports an application that changes nothing, and ignores its status", async () => {
    const { client } = start();
    const first = await client.apply(release("a", { interval: "30m" }), helmReleases);
    const again = await client.apply({ ...release("a", { interval: "30m" }), status: { x: 1 } }, helmReleases);
    expect(again).toEqual(first);
  });

  it("stores the strings of Secrets in base64", async () => {
    const { client } = start();
    await client.apply(secret({ a: "one", b: "two" }), secrets);
    const { data, stringData } = await client.apply(secret({ a: "three" }), secrets);
    expect({ data, stringData }).toEqual({ data: { a: "dGhyZWU=" }, stringData: undefined });
  });

  it("needs the namespace of an object", async () => {
    const { server, client } = start({ namespaces: [] });
    await expect(client.apply(release("a", {}), helmReleases)).rejects.toMatchObject({ status: 404 });
    server.addNamespace("airflow");
    await client.apply(release("a", {}), helmReleases);
  });

  it("keeps a deleted object until its last finalizer is removed, and deletes only the one that was meant", async () => {
    const { client } = start();
    const object = { ...release("a", {}), metadata: { ...release("a", {}).metadata, finalizers: ["one"] } };
    const { uid } = (await client.apply(object, helmReleases)).metadata;
    await expect(client.delete(ref("a"), { uid: "another" })).rejects.toMatchObject({ status: 409 });
    expect(await client.delete(ref("a"), { uid: uid ?? "" })).toBe(true);
    expect((await client.get(ref("a")))?.metadata).toMatchObject({
      deletionTimestamp: expect.any(String),
      generation: 2,
    });
    await client.patch(ref("a"), { metadata: { finalizers: null } });
    expect(await client.get(ref("a"))).toBeUndefined();
    expect(await client.delete(ref("a"))).toBe(false);
  });

  it("empties a namespace before it is gone, and accepts nothing new in it", async () => {
    const { server, client } = start();
    server.put(helmReleases, {
      ...release("a", {}),
      metadata: { name: "a", namespace: "airflow", finalizers: ["one"] },
    });
    await client.apply(secret({ a: "one" }), secrets);
    await client.delete({ resource: namespaces, name: "airflow" });
    expect(server.all(secrets)).toEqual([]);
    await expect(client.apply(secret({ a: "one" }), secrets)).rejects.toMatchObject({ status: 403 });
    await client.patch(ref("a"), { metadata: { finalizers: null } });
    expect(server.all(namespaces)).toEqual([]);
  });

  it("lists in pages by labels, and answers 410 if the version of the list was forgotten meanwhile", async () => {
    const { server, client } = start();
    for (let n = 0; n < 5; n++) server.put(helmReleases, release(`r${n}`, {}, { one: n < 4 ? "yes" : "no" }));
    const scope = { labelSelector: "one=yes", limit: 3 };
    const pages = await pagesOf(client.list(helmReleases, scope));
    expect(pages.map(({ items }) => items.map(({ metadata }) => metadata.name))).toEqual([["r0", "r1", "r2"], ["r3"]]);
    const list = client.list(helmReleases, scope);
    await list.next();
    server.compact();
    await expect(list.next()).rejects.toMatchObject({ status: 410 });
  });

  it("reports changes after a version, objects that leave the scope, bookmarks, and its own end", async () => {
    const { server, client } = start();
    const [page] = await pagesOf(client.list(helmReleases, {}));
    const scope = { labelSelector: "one", resourceVersion: page?.resourceVersion ?? "" };
    server.put(helmReleases, release("a", {}, { one: "1" }));
    server.put(helmReleases, release("b", {}));
    const events = client.watch(helmReleases, scope);
    const next = async () => said((await events.next()).value as WatchEvent);
    expect(await next()).toEqual(["ADDED", "a"]);
    server.setStatus(ref("a"), { x: 1 });
    expect(await next()).toEqual(["MODIFIED", "a"]);
    server.change(ref("a"), { metadata: { labels: null } });
    expect(await next()).toEqual(["DELETED", "a"]);
    server.bookmark();
    expect(await next()).toEqual(["BOOKMARK", undefined]);
    server.endWatches();
    expect(await events.next()).toEqual({ done: true, value: undefined });
    server.compact();
    await expect(client.watch(helmReleases, scope).next()).rejects.toMatchObject({ status: 410 });
  });

  it("can be away, silent, or refuse credentials, and counts requests", async () => {
    const { server, client } = start({ requestTimeout: 20 });
    const events = client.watch(helmReleases, { resourceVersion: "2" });
    const pending = events.next();
    await expect.poll(() => server.watches).toBe(1);
    server.expireCredentials();
    await expect(client.version()).rejects.toMatchObject({ status: 401 });
    server.refuse();
    await expect(pending).rejects.toMatchObject({ status: undefined, cause: { code: "ECONNREFUSED" } });
    server.recover();
    server.fallSilent();
    await expect(client.get(ref("a"))).rejects.toMatchObject({
      status: undefined,
      message: expect.stringContaining("did not answer"),
    });
    const canceled = new AbortController();
    const call = client.get(ref("a"), canceled.signal);
    canceled.abort();
    await expect(call).rejects.toMatchObject({ message: expect.stringContaining("canceled") });
    server.recover();
    expect(await client.version()).toBe("v1.37.2");
    expect([server.count("get", "helmreleases"), server.count("version")]).toEqual([2, 2]);
  });
});
