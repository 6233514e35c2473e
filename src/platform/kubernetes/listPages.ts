import { listPath } from "./apiPath.ts";
import type { Caller } from "./createCaller.ts";
import type { KubernetesObject, ListScope, Page, Resource } from "./kubernetes.ts";
import { received } from "./received.ts";

/** Maximum objects of a page, as kubectl asks for. */
const LIMIT = 500;

/** Asks for the metadata of objects only. The second is for servers that do not know the first. */
const METADATA = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json";

/** All objects of a scope, page by page; none is kept here. */
export async function* listPages(caller: Caller, resource: Resource, scope: ListScope): AsyncGenerator<Page> {
  const { namespace, labelSelector, limit = LIMIT, metadataOnly, signal } = scope;
  const accept = metadataOnly ? { accept: METADATA } : {};
  let next: string | undefined;
  const readPage = async (): Promise<Page> => {
    const query = new URLSearchParams({
      limit: `${limit}`,
      ...(labelSelector !== undefined && { labelSelector }),
      ...(next !== undefined && { continue: next }),
    });
    const path = `${listPath(resource, namespace)}?${query}`;
    const { metadata, items } = (await caller.call({ method: "GET", path, signal, ...accept })) as List;
    next = metadata.continue || undefined;
    for (const item of items ?? []) received(item, resource);
    return { items: items ?? [], resourceVersion: metadata.resourceVersion };
  };
  do {
    yield await readPage();
  } while (next !== undefined);
}

interface List {
  metadata: { resourceVersion: string; continue?: string };
  /** null instead of an empty list, in some versions. */
  items: KubernetesObject[] | null;
}
