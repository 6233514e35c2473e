import { randomUUID } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import {
  type Access,
  type KubernetesClient,
  KubernetesError,
  type KubernetesObject,
  type ObjectMeta,
  type ObjectRef,
  type Page,
  type Resource,
  type Scope,
  type WatchEvent,
} from "../../src/platform/kubernetes/kubernetes.ts";
import { namespaces } from "../../src/platform/kubernetes/resources.ts";
import { merged, patched, selects, stored } from "./fakeObjects.ts";

/** A request to a fake cluster. */
export interface FakeRequest {
  verb: "apply" | "patch" | "get" | "delete" | "list" | "watch" | "review" | "version";
  /** Such as `helmreleases`; empty for `version`. */
  plural: string;
  namespace?: string | undefined;
  name?: string | undefined;
  /** Of a list: the size of a page that was asked for. */
  limit?: number | undefined;
}

/** A stored object, with what was last applied to it. */
interface Entry {
  resource: Resource;
  object: KubernetesObject;
  applied: KubernetesObject | undefined;
}

interface Change {
  version: number;
  resource: Resource;
  before: KubernetesObject | undefined;
  after: KubernetesObject | undefined;
}

/** An open watch: told about changes, its end, and its failure. */
interface Watcher {
  wake(): void;
  ended: boolean;
  failure: KubernetesError | undefined;
  bookmarks: number;
}

/**
 * A Kubernetes API server in memory, for `client()`s and for tests that play its controllers. It has resource versions,
 * generations, finalizers, uids, namespaces, watches and their history; every object of a namespace needs that namespace.
 * Schemas are not checked, lists inside objects are replaced as a whole, and there is one field manager.
 */
export class FakeKubernetes {
  /** All requests so far, the failed ones included. */
  readonly requests: FakeRequest[] = [];
  /** Called before each request is answered. What it throws is the answer; while its promise is pending, there is none. */
  before: (request: FakeRequest) => void | Promise<void> = () => {};
  /** Answers `mayI`. */
  mayI: (access: Access) => boolean = () => true;
  /** Maximum items of a page, whatever the client asks for. */
  maxPage = 500;

  readonly #entries = new Map<string, Entry>();
  readonly #watchers = new Set<Watcher>();
  #history: Change[] = [];
  #version = 1;
  /** Watches and lists at earlier versions answer 410. */
  #oldest = 0;
  #failure: KubernetesError | undefined;
  #silence: PromiseWithResolvers<void> | undefined;

  /** Milliseconds after which a client gives up a request that is not answered. */
  readonly #requestTimeout: number;

  constructor({ namespaces: names = [] as readonly string[], requestTimeout = 10_000 } = {}) {
    this.#requestTimeout = requestTimeout;
    for (const name of names) this.addNamespace(name);
  }

  /** A client of this server. */
  client(): KubernetesClient {
    return new FakeClient(this);
  }

  /** Number of requests with this verb, of this kind. */
  count(verb: FakeRequest["verb"], plural?: string): number {
    return this.requests.filter((one) => one.verb === verb && (plural === undefined || one.plural === plural)).length;
  }

  addNamespace(name: string): void {
    this.put(namespaces, { apiVersion: "v1", kind: "Namespace", metadata: { name } });
  }

  /** The object, if it exists. */
  get({ resource, namespace, name }: ObjectRef): KubernetesObject | undefined {
    return structuredClone(this.#entries.get(keyOf(resource, namespace, name))?.object);
  }

  /** All objects of a kind. */
  all(resource: Resource): KubernetesObject[] {
    return structuredClone(this.#inScope(resource, {}));
  }

  /** Creates or replaces an object with its status, as others do. Sets uid, versions and generation. */
  put(resource: Resource, object: KubernetesObject): KubernetesObject {
    const entry = this.#entries.get(keyOf(resource, object.metadata.namespace, object.metadata.name));
    const { uid, generation, creationTimestamp } = entry?.object.metadata ?? {};
    const metadata = { ...object.metadata };
    for (const [key, value] of Object.entries({ uid, generation, creationTimestamp })) {
      if (value !== undefined) Object.assign(metadata, { [key]: value });
    }
    return this.#store(resource, { ...structuredClone(object), metadata }, entry, entry?.applied);
  }

  /** Replaces the status, as the controller of the object does. Throws if there is no such object. */
  setStatus(ref: ObjectRef, status: Record<string, unknown>): KubernetesObject {
    const entry = this.#entry(ref);
    return this.#store(ref.resource, { ...entry.object, status: structuredClone(status) }, entry, entry.applied);
  }

  /** Applies a JSON merge patch to an object, its status included, as others do. Throws if there is none. */
  change(ref: ObjectRef, change: object): KubernetesObject {
    const entry = this.#entry(ref);
    return this.#store(ref.resource, patched(entry.object, change) as KubernetesObject, entry, entry.applied);
  }

  /** Removes an object with all its finalizers. Does nothing if there is none. */
  remove({ resource, namespace, name }: ObjectRef): void {
    const key = keyOf(resource, namespace, name);
    const entry = this.#entries.get(key);
    if (!entry) return;
    this.#entries.delete(key);
    this.#changed(resource, entry.object, undefined);
    this.#finishNamespace(resource.namespaced ? namespace : undefined);
  }

  /** Forgets what has happened so far, as after a compaction: watches end with 410, and lists that are being read too. */
  compact(): void {
    this.#history = [];
    // Nothing that is known to anybody is recent enough.
    this.#version += 1;
    this.#oldest = this.#version;
    this.#endWatches(new KubernetesError("too old resource version", 410, "Expired"));
  }

  /** Ends all watches, as a server does every few minutes. */
  endWatches(): void {
    this.#endWatches(undefined);
  }

  /** Sends a bookmark on each watch. */
  bookmark(): void {
    this.#version += 1;
    for (const watcher of this.#watchers) {
      watcher.bookmarks += 1;
      watcher.wake();
    }
  }

  /** Number of open watches. */
  get watches(): number {
    return this.#watchers.size;
  }

  /** The server is away: nothing is accepted, and open watches break. */
  refuse(): void {
    const cause = Object.assign(new Error("connect ECONNREFUSED 127.0.0.1:6443"), { code: "ECONNREFUSED" });
    this.#failure = new KubernetesError(
      `The Kubernetes API cannot be reached: ${cause.message}`,
      undefined,
      undefined,
      {
        cause,
      },
    );
    this.#endWatches(this.#failure);
  }

  /** The credentials have expired. Watches that are open stay so. */
  expireCredentials(): void {
    this.#failure = new KubernetesError("Unauthorized", 401, "Unauthorized");
  }

  /** Packets are lost: no request is answered until its caller or the client gives up, and watches hear nothing. */
  fallSilent(): void {
    this.#silence ??= Promise.withResolvers();
  }

  /** All is well again. */
  recover(): void {
    this.#failure = undefined;
    this.#silence?.resolve();
    this.#silence = undefined;
    for (const watcher of this.#watchers) watcher.wake();
  }

  /** Waits for the answer to a request. For clients. */
  async answer(request: FakeRequest, signal: AbortSignal): Promise<void> {
    this.requests.push(request);
    throwIfAborted(signal);
    const aborted = Promise.withResolvers<never>();
    const abort = () => aborted.reject(canceled(signal));
    signal.addEventListener("abort", abort, { once: true });
    const late = new KubernetesError(`The Kubernetes API did not answer within ${this.#requestTimeout} ms`);
    let timer: NodeJS.Timeout | undefined;
    try {
      // An answer is never immediate.
      await Promise.race([new Promise((resolve) => setImmediate(resolve)), aborted.promise]);
      timer = setTimeout(() => aborted.reject(late), this.#requestTimeout);
      if (this.#silence) await Promise.race([this.#silence.promise, aborted.promise]);
      await Promise.race([this.before(request), aborted.promise]);
      if (this.#failure) throw this.#failure;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", abort);
    }
  }

  /** For clients. */
  apply(given: KubernetesObject, resource: Resource): KubernetesObject {
    const { status: _, ...object } = stored(given);
    const { namespace, name } = object.metadata;
    const entry = this.#entries.get(keyOf(resource, namespace, name));
    this.#checkVersion(object, entry);
    if (!entry) this.#checkNamespace(resource, namespace);
    const base = entry?.object ?? { apiVersion: object.apiVersion, kind: object.kind, metadata: { name } };
    const result = merged(base, object, entry?.applied) as KubernetesObject;
    return this.#store(resource, result, entry, structuredClone(object));
  }

  /** For clients. */
  patch(ref: ObjectRef, change: object): KubernetesObject {
    const entry = this.#entry(ref);
    const { status: _, ...wanted } = change as KubernetesObject;
    this.#checkVersion(wanted, entry);
    const object = stored(patched(entry.object, wanted) as KubernetesObject);
    return this.#store(ref.resource, object, entry, entry.applied);
  }

  /** For clients. */
  delete(ref: ObjectRef, uid: string | undefined): boolean {
    const { resource, namespace, name } = ref;
    const entry = this.#entries.get(keyOf(resource, namespace, name));
    if (!entry) return false;
    const { metadata } = entry.object;
    if (uid !== undefined && uid !== metadata.uid) {
      throw new KubernetesError(`the UID in the precondition (${uid}) does not match`, 409, "Conflict");
    }
    const isNamespace = resource.plural === "namespaces";
    if (!isNamespace && !metadata.finalizers?.length) this.remove(ref);
    else if (metadata.deletionTimestamp === undefined) {
      const deleted = { ...metadata, deletionTimestamp: timestamp(), generation: (metadata.generation ?? 0) + 1 };
      this.#store(resource, { ...entry.object, metadata: deleted }, entry, entry.applied);
    }
    if (isNamespace) this.#emptyNamespace(name);
    return true;
  }

  /** For clients: the objects of a scope now, and the version of now. */
  snapshot(resource: Resource, scope: Scope): { items: KubernetesObject[]; version: number } {
    return { items: this.#inScope(resource, scope), version: this.#version };
  }

  /** For clients: throws 410 if the version is too old. */
  checkAge(version: number): void {
    if (version < this.#oldest) {
      throw new KubernetesError(`too old resource version: ${version} (${this.#oldest})`, 410, "Expired");
    }
  }

  /** For clients. */
  async *follow(
    resource: Resource,
    scope: Scope & { resourceVersion: string },
    signal: AbortSignal,
  ): AsyncGenerator<WatchEvent> {
    let version = Number(scope.resourceVersion);
    this.checkAge(version);
    let wakeUp = () => {};
    const watcher: Watcher = { wake: () => wakeUp(), ended: false, failure: undefined, bookmarks: 0 };
    this.#watchers.add(watcher);
    const wake = () => wakeUp();
    signal.addEventListener("abort", wake);
    try {
      for (;;) {
        const woken = new Promise<void>((resolve) => {
          wakeUp = resolve;
        });
        throwIfAborted(signal);
        if (watcher.failure) throw watcher.failure;
        if (!this.#silence) {
          // Copied: the history may grow while the reader has an event.
          for (const change of this.#history.filter((one) => one.version > version)) {
            version = change.version;
            const event = isSame(change.resource, resource) ? eventOf(change, scope) : undefined;
            if (event) yield event;
          }
          if (watcher.bookmarks > 0) {
            watcher.bookmarks = 0;
            version = this.#version;
            yield { type: "BOOKMARK", resourceVersion: `${version}` };
          }
          if (watcher.ended) return;
        }
        if (watcher.failure || this.#history.some((one) => one.version > version)) continue;
        await woken;
      }
    } finally {
      signal.removeEventListener("abort", wake);
      this.#watchers.delete(watcher);
    }
  }

  #entry({ resource, namespace, name }: ObjectRef): Entry {
    const entry = this.#entries.get(keyOf(resource, namespace, name));
    if (!entry) throw new KubernetesError(`${resource.plural} "${name}" not found`, 404, "NotFound");
    return entry;
  }

  #inScope(resource: Resource, { namespace, labelSelector }: Scope): KubernetesObject[] {
    const found: KubernetesObject[] = [];
    for (const { resource: kind, object } of this.#entries.values()) {
      if (!isSame(kind, resource) || !inScope(object, { namespace, labelSelector } as Scope)) continue;
      found.push(object);
    }
    return found.sort((a, b) => (pathOf(a) < pathOf(b) ? -1 : 1));
  }

  #checkVersion({ metadata }: Partial<KubernetesObject>, entry: Entry | undefined): void {
    const expected = metadata?.resourceVersion;
    if (expected !== undefined && expected !== entry?.object.metadata.resourceVersion) {
      throw new KubernetesError(
        "the object has been modified; apply your changes to the latest version",
        409,
        "Conflict",
      );
    }
  }

  #checkNamespace(resource: Resource, namespace: string | undefined): void {
    if (!resource.namespaced) return;
    const found = this.#entries.get(keyOf(namespaces, undefined, namespace ?? ""));
    if (!found) throw new KubernetesError(`namespaces "${namespace}" not found`, 404, "NotFound");
    if (found.object.metadata.deletionTimestamp !== undefined) {
      throw new KubernetesError(`namespace ${namespace} is being terminated`, 403, "Forbidden");
    }
  }

  /** Stores an object, unless nothing has changed, and tells the watches. */
  #store(
    resource: Resource,
    object: KubernetesObject,
    entry: Entry | undefined,
    applied: KubernetesObject | undefined,
  ): KubernetesObject {
    const before = entry?.object;
    if (!entry) this.#checkNamespace(resource, object.metadata.namespace);
    const { resourceVersion: _, generation = 1, uid, creationTimestamp, ...rest } = object.metadata;
    const isNewSpec = before !== undefined && !isDeepStrictEqual(before.spec, object.spec);
    const metadata: ObjectMeta = {
      ...rest,
      uid: before?.metadata.uid ?? uid ?? randomUUID(),
      creationTimestamp: before?.metadata.creationTimestamp ?? creationTimestamp ?? timestamp(),
      generation: generation + (isNewSpec ? 1 : 0),
    };
    const after: KubernetesObject = { ...object, metadata };
    const key = keyOf(resource, metadata.namespace, metadata.name);
    const version = before?.metadata.resourceVersion;
    if (before && isDeepStrictEqual({ ...after, metadata: { ...metadata, resourceVersion: version } }, before)) {
      this.#entries.set(key, { resource, object: before, applied });
      return structuredClone(before);
    }
    metadata.resourceVersion = `${this.#version + 1}`;
    this.#entries.set(key, { resource, object: after, applied });
    this.#changed(resource, before, after);
    const isFinished = metadata.deletionTimestamp !== undefined && !metadata.finalizers?.length;
    if (isFinished && resource.plural !== "namespaces") {
      this.remove({
        resource,
        ...(metadata.namespace !== undefined && { namespace: metadata.namespace }),
        name: metadata.name,
      });
    }
    return structuredClone(after);
  }

  #changed(resource: Resource, before: KubernetesObject | undefined, after: KubernetesObject | undefined): void {
    this.#version += 1;
    const gone = after
      ? before
      : before && { ...before, metadata: { ...before.metadata, resourceVersion: `${this.#version}` } };
    this.#history.push({ version: this.#version, resource, before: gone, after });
    for (const watcher of this.#watchers) watcher.wake();
  }

  /** Requests the deletion of all that a namespace contains, and of itself once it is empty. */
  #emptyNamespace(name: string): void {
    for (const { resource, object } of [...this.#entries.values()]) {
      const { namespace, name: own } = object.metadata;
      if (resource.namespaced && namespace === name) this.delete({ resource, namespace, name: own }, undefined);
    }
    this.#finishNamespace(name);
  }

  #finishNamespace(name: string | undefined): void {
    const found = name !== undefined && this.#entries.get(keyOf(namespaces, undefined, name));
    if (!found || found.object.metadata.deletionTimestamp === undefined) return;
    const isUsed = [...this.#entries.values()].some(
      ({ resource, object }) => resource.namespaced && object.metadata.namespace === name,
    );
    if (!isUsed && !found.object.metadata.finalizers?.length) this.remove({ resource: namespaces, name });
  }

  #endWatches(failure: KubernetesError | undefined): void {
    for (const watcher of this.#watchers) {
      watcher.failure = failure;
      watcher.ended = true;
      watcher.wake();
    }
  }
}

/** A client of a fake cluster. Objects that it returns are copies. */
class FakeClient implements KubernetesClient {
  readonly #server: FakeKubernetes;
  readonly #closed = new AbortController();

  constructor(server: FakeKubernetes) {
    this.#server = server;
  }

  async apply(object: KubernetesObject, resource: Resource, signal?: AbortSignal): Promise<KubernetesObject> {
    const { namespace, name } = object.metadata;
    await this.#answer({ verb: "apply", plural: resource.plural, namespace, name }, signal);
    return this.#server.apply(object, resource);
  }

  async patch(ref: ObjectRef, change: object, signal?: AbortSignal): Promise<KubernetesObject> {
    await this.#answer(requestOf("patch", ref), signal);
    return this.#server.patch(ref, change);
  }

  async get(ref: ObjectRef, signal?: AbortSignal): Promise<KubernetesObject | undefined> {
    await this.#answer(requestOf("get", ref), signal);
    return this.#server.get(ref);
  }

  async delete(ref: ObjectRef, { uid, signal }: { uid?: string; signal?: AbortSignal } = {}): Promise<boolean> {
    await this.#answer(requestOf("delete", ref), signal);
    return this.#server.delete(ref, uid);
  }

  async *list(resource: Resource, scope: Scope & { limit?: number; signal?: AbortSignal }): AsyncGenerator<Page> {
    const { limit = 500, signal, namespace } = scope;
    const size = Math.min(limit, this.#server.maxPage);
    let rest: { items: KubernetesObject[]; version: number } | undefined;
    do {
      await this.#answer({ verb: "list", plural: resource.plural, namespace, limit: scope.limit }, signal);
      rest ??= this.#server.snapshot(resource, scope);
      this.#server.checkAge(rest.version);
      yield { items: structuredClone(rest.items.splice(0, size)), resourceVersion: `${rest.version}` };
    } while (rest.items.length > 0);
  }

  async *watch(
    resource: Resource,
    scope: Scope & { resourceVersion: string; signal?: AbortSignal },
  ): AsyncGenerator<WatchEvent> {
    await this.#answer({ verb: "watch", plural: resource.plural, namespace: scope.namespace }, scope.signal);
    yield* this.#server.follow(resource, scope, this.#signal(scope.signal));
  }

  async mayI(access: Access, signal?: AbortSignal): Promise<boolean> {
    await this.#answer({ verb: "review", plural: access.resource.plural, namespace: access.namespace }, signal);
    return this.#server.mayI(access);
  }

  async version(signal?: AbortSignal): Promise<string> {
    await this.#answer({ verb: "version", plural: "" }, signal);
    return "v1.37.2";
  }

  close(): void {
    this.#closed.abort(new KubernetesError("The client of the Kubernetes API was closed"));
  }

  #answer(request: FakeRequest, signal: AbortSignal | undefined): Promise<void> {
    return this.#server.answer(request, this.#signal(signal));
  }

  #signal(signal: AbortSignal | undefined): AbortSignal {
    return signal ? AbortSignal.any([signal, this.#closed.signal]) : this.#closed.signal;
  }
}

const requestOf = (verb: FakeRequest["verb"], { resource, namespace, name }: ObjectRef): FakeRequest => ({
  verb,
  plural: resource.plural,
  namespace,
  name,
});

const keyOf = ({ group, plural, namespaced }: Resource, namespace: string | undefined, name: string) =>
  [group, plural, namespaced ? namespace : "", name].join("/");

const pathOf = ({ metadata }: KubernetesObject) => `${metadata.namespace ?? ""}/${metadata.name}`;

const isSame = (one: Resource, other: Resource) => one.group === other.group && one.plural === other.plural;

const inScope = ({ metadata }: KubernetesObject, { namespace, labelSelector }: Scope) =>
  (namespace === undefined || metadata.namespace === namespace) && selects(labelSelector, metadata.labels);

/** What a watch of a scope hears of a change: an object that leaves the scope is gone for it. */
function eventOf({ before, after, version }: Change, scope: Scope): WatchEvent | undefined {
  const was = before !== undefined && inScope(before, scope);
  const is = after !== undefined && inScope(after, scope);
  const resourceVersion = `${version}`;
  if (is) return { type: was ? "MODIFIED" : "ADDED", object: structuredClone(after), resourceVersion };
  return was ? { type: "DELETED", object: structuredClone(after ?? before), resourceVersion } : undefined;
}

/** As the API writes times: in seconds. */
const timestamp = () => new Date().toISOString().replace(/\.\d{3}Z$/, "Z");

const canceled = (signal: AbortSignal) =>
  new KubernetesError("The call was canceled", undefined, undefined, { cause: signal.reason });

function throwIfAborted(signal: AbortSignal): void {
  if (signal.aborted) throw canceled(signal);
}
