import { describe, expect, it } from "vitest";
import type { Caller } from "../../src/platform/kubernetes/createCaller.ts";
import { listPages } from "../../src/platform/kubernetes/listPages.ts";
import { helmReleases } from "../../src/platform/kubernetes/resources.ts";
import { kubernetesServer, sendJson } from "../support/kubernetesServer.ts";
import { all, clientOf, placeOfRelease, release } from "./client.ts";

const server = await kubernetesServer();
const client = clientOf(server.url);
for (let i = 0; i < 5; i++) {
  const one = release(`r${i}`, {}, i < 3 ? "airflow" : "other");
  server.store.put(placeOfRelease(`r${i}`, one.metadata.namespace), {
    ...one,
    metadata: { ...one.metadata, labels: { odd: `${i % 2}`, managed: "yes" } },
  });
}
const names = async (scope: Parameters<typeof client.list>[1]) =>
  (await all(client.list(helmReleases, scope))).map(({ items }) => items.map(({ metadata }) => metadata.name));

describe("list", () => {
  it("returns all objects in pages", async () => {
    const before = server.requests.length;
    expect(await names({ limit: 2 })).toEqual([["r0", "r1"], ["r2", "r3"], ["r4"]]);
    const [first, second] = server.requests.slice(before);
    expect(first?.url.pathname).toBe("/apis/helm.toolkit.fluxcd.io/v2/helmreleases");
    expect(first?.url.search).toBe("?limit=2");
    expect(second?.url.searchParams.get("continue")).not.toBeNull();
  });

  it("asks for 500 objects a page unless told otherwise", async () => {
    await names({});
    expect(server.requests.at(-1)?.url.searchParams.get("limit")).toBe("500");
  });

  it("returns those of a namespace, with labels", async () => {
    expect(await names({ namespace: "airflow" })).toEqual([["r0", "r1", "r2"]]);
    expect(await names({ labelSelector: "odd=1,managed" })).toEqual([["r1", "r3"]]);
    expect(await names({ namespace: "nowhere" })).toEqual([[]]);
  });

  it("says where a watch continues: at the same version for each page", async () => {
    const pages = client.list(helmReleases, { limit: 3 });
    const { value: first } = await pages.next();
    const { version } = server.store;
    server.store.put(placeOfRelease("late"), release("late"));
    const { value: second } = await pages.next();
    expect([first?.resourceVersion, second?.resourceVersion]).toEqual([`${version}`, `${version}`]);
    server.store.remove(placeOfRelease("late"));
  });

  it("gives each object its kind, which items of a list lack", async () => {
    const [page] = await all(client.list(helmReleases, {}));
    expect(page?.items[0]).toMatchObject({ apiVersion: "helm.toolkit.fluxcd.io/v2", kind: "HelmRelease" });
  });

  it("asks for metadata only, if that is all that is wanted", async () => {
    expect(await names({ metadataOnly: true, limit: 5 })).toEqual([["r0", "r1", "r2", "r3", "r4"]]);
    const wanted = server.requests.at(-1)?.headers.accept;
    expect(wanted).toBe("application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json");
    await names({});
    expect(server.requests.at(-1)?.headers.accept).toBe("application/json");
  });

  it("returns an empty page for null", async () => {
    server.intercept = (_, response) => {
      sendJson(response, 200, { metadata: { resourceVersion: "7", continue: "" }, items: null });
      return true;
    };
    expect(await all(client.list(helmReleases, {}))).toEqual([{ items: [], resourceVersion: "7" }]);
    server.intercept = undefined;
  });

  it("throws 410 if it took too long", async () => {
    const pages = client.list(helmReleases, { limit: 2 });
    await pages.next();
    server.expireLists();
    await expect(pages.next()).rejects.toMatchObject({ name: "KubernetesError", status: 410, reason: "Expired" });
  });

  it("requests a page only when it is wanted", async () => {
    const before = server.requests.length;
    for await (const page of client.list(helmReleases, { limit: 1 })) {
      expect(page.items).toHaveLength(1);
      break;
    }
    expect(server.requests).toHaveLength(before + 1);
  });
});

describe("a list without an end", () => {
  /** Lists until it fails, or 2,000 pages; each is what `page` returns for its number. Returns the number of pages read. */
  async function readAll(page: (n: number) => { items: object[]; next: string | undefined }) {
    let pages = 0;
    const call = async () => {
      const { items, next } = page(pages);
      pages += 1;
      return { metadata: { resourceVersion: "7", continue: pages < 2_000 ? next : undefined }, items };
    };
    const caller = { call } as unknown as Caller;
    const failure = await all(listPages(caller, helmReleases, {})).then(
      () => undefined,
      (error: Error) => `${error.name}: ${error.message}`,
    );
    return { pages, failure };
  }
  const items = Array.from({ length: 100_000 }, () => release("same"));

  it("is given up after 1,000,000 objects", async () => {
    expect(await readAll((n) => ({ items, next: n < 9 ? `${n}` : undefined }))).toEqual({ pages: 10 });
    expect(await readAll((n) => ({ items, next: `${n}` }))).toEqual({
      pages: 11,
      failure: "KubernetesError: The Kubernetes API lists more than 1000000 objects",
    });
  });

  it("is given up when a page is followed by itself", async () => {
    expect(await readAll((n) => ({ items: [release("r")], next: `${Math.min(n, 2)}` }))).toEqual({
      pages: 4,
      failure: "KubernetesError: The Kubernetes API repeats a page of a list",
    });
  });

  it("is given up after 1,000 empty pages, which may be filtered ones until then", async () => {
    const some = (n: number) =>
      n === 1_000 ? { items: [release("r")], next: undefined } : { items: [], next: `${n}` };
    expect(await readAll(some)).toEqual({ pages: 1_001 });
    expect(await readAll((n) => ({ items: [], next: `${n}` }))).toEqual({
      pages: 1_001,
      failure: "KubernetesError: The Kubernetes API lists more than 1000 empty pages",
    });
  });
});
