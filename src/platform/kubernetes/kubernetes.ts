/** An object of the Kubernetes API, as JSON. */
export interface KubernetesObject {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  spec?: Record<string, unknown>;
  status?: Record<string, unknown>;
  /** Of Secrets: values in base64. */
  data?: Record<string, string>;
  /** Of Secrets: values as they are, for writing. */
  stringData?: Record<string, string>;
  type?: string;
}

/** The metadata that Houston reads and writes. */
export interface ObjectMeta {
  name: string;
  namespace?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  finalizers?: string[];
  creationTimestamp?: string;
  deletionTimestamp?: string;
}

/** A kind of objects, and where the API has it: `{ group: "apps", version: "v1", plural: "deployments" }`. */
export interface Resource {
  /** Empty for the core group. */
  group: string;
  version: string;
  kind: string;
  plural: string;
  /** False for kinds of the whole cluster, such as namespaces. */
  namespaced: boolean;
}

/** Names one object. */
export interface ObjectRef {
  resource: Resource;
  /** Omitted for kinds of the whole cluster. */
  namespace?: string;
  name: string;
}

/** Which objects to list or watch. */
export interface Scope {
  /** Omitted: all namespaces. */
  namespace?: string;
  /** `name=value,other`, as the API takes it. */
  labelSelector?: string;
}

/** Which objects to list, and how. */
export interface ListScope extends Scope {
  /** Maximum objects of a page. */
  limit?: number;
  /** True: without all but their metadata, which is all that is sent. */
  metadataOnly?: boolean;
  signal?: AbortSignal;
}

/** One page of a list. */
export interface Page {
  items: KubernetesObject[];
  /** Where a watch continues, once the last page was read. */
  resourceVersion: string;
}

/** What a watch reports. A bookmark says only how far it has come. */
export type WatchEvent =
  | { type: "ADDED" | "MODIFIED" | "DELETED"; object: KubernetesObject; resourceVersion: string }
  | { type: "BOOKMARK"; resourceVersion: string };

/** What a caller may do, for `mayI`. */
export interface Access {
  verb: string;
  resource: Resource;
  namespace?: string;
}

/**
 * One Kubernetes API server. Every call throws `KubernetesError`: with the HTTP status and reason of the server's answer,
 * or without a status if there was none in time.
 */
export interface KubernetesClient {
  /**
   * Creates or changes an object by server-side apply as the field manager `houston`, and takes over fields that others
   * manage. Fields that were applied earlier and are missing now are removed. Returns the object as stored.
   */
  apply(object: KubernetesObject, resource: Resource, signal?: AbortSignal): Promise<KubernetesObject>;
  /** Changes some fields by a JSON merge patch. Returns the object as stored. */
  patch(ref: ObjectRef, change: object, signal?: AbortSignal): Promise<KubernetesObject>;
  /** The object; undefined if there is none. Throws status 404 without a reason if the server does not have its kind. */
  get(ref: ObjectRef, signal?: AbortSignal): Promise<KubernetesObject | undefined>;
  /**
   * Requests the deletion of an object and, in the background, of what it owns; finalizers may delay it. With `uid`, only that
   * of this very object. False if there is none. Throws status 404 without a reason if the server does not have its kind.
   */
  delete(ref: ObjectRef, options?: { uid?: string; signal?: AbortSignal }): Promise<boolean>;
  /** All objects of a scope, in pages of at most `limit`. Throws a KubernetesError with status 410 if it took too long. */
  list(resource: Resource, scope: ListScope): AsyncGenerator<Page>;
  /**
   * Changes after `resourceVersion`. Ends when the server ends it, which it does every few minutes: continue after the last
   * `resourceVersion`. Throws a KubernetesError with status 410 if that is too old: list again.
   */
  watch(
    resource: Resource,
    scope: Scope & { resourceVersion: string; signal?: AbortSignal },
  ): AsyncGenerator<WatchEvent>;
  /** True if these credentials may do it (SelfSubjectAccessReview). */
  mayI(access: Access, signal?: AbortSignal): Promise<boolean>;
  /** The server's version, such as `v1.37.2`. */
  version(signal?: AbortSignal): Promise<string>;
  /** Closes the connections. Running calls fail. */
  close(): void;
}

/** A call that failed. */
export class KubernetesError extends Error {
  /** HTTP status of the answer; undefined if the server could not be reached, or did not answer in time. */
  readonly status: number | undefined;
  /** The server's machine-readable reason, such as `Forbidden` or `AlreadyExists`. */
  readonly reason: string | undefined;

  constructor(message: string, status?: number, reason?: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "KubernetesError";
    this.status = status;
    this.reason = reason;
  }
}
