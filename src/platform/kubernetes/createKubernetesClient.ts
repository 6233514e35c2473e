import { apiVersionOf, listPath, objectPath } from "./apiPath.ts";
import { type ApiRequest, type CallerOptions, createCaller } from "./createCaller.ts";
import type { CredentialSource } from "./credentials.ts";
import { type KubernetesClient, KubernetesError, type KubernetesObject, type ObjectRef } from "./kubernetes.ts";
import { listPages } from "./listPages.ts";
import { received } from "./received.ts";
import { watchEvents } from "./watchEvents.ts";

/** The name under which the API server remembers which fields are ours. */
const FIELD_MANAGER = "houston";

/** A client of the API server that the credentials name. No connection is made before the first call. */
export function createKubernetesClient(source: CredentialSource, options: CallerOptions): KubernetesClient {
  const caller = createCaller(source, options);

  const writeTo = async (ref: ObjectRef, request: Pick<ApiRequest, "body" | "contentType" | "signal">, query = "") => {
    const path = `${objectPath(ref)}?fieldManager=${FIELD_MANAGER}${query}`;
    return received(await caller.call({ method: "PATCH", path, ...request }), ref.resource);
  };

  async function get(ref: ObjectRef, signal?: AbortSignal): Promise<KubernetesObject | undefined> {
    try {
      return received(await caller.call({ method: "GET", path: objectPath(ref), signal }), ref.resource);
    } catch (error) {
      if (isAbsent(error)) return undefined;
      throw error;
    }
  }

  return {
    apply({ metadata, ...rest }, resource, signal) {
      const { name, namespace } = metadata;
      const ref = { resource, name, ...(namespace !== undefined && { namespace }) };
      const body = { metadata, ...rest };
      return writeTo(ref, { body, contentType: "application/apply-patch+yaml", signal }, "&force=true");
    },

    patch: (ref, change, signal) => writeTo(ref, { body: change, contentType: "application/merge-patch+json", signal }),

    get,

    async delete(ref, { uid, signal } = {}) {
      const body = {
        kind: "DeleteOptions",
        apiVersion: "v1",
        propagationPolicy: "Background",
        ...(uid !== undefined && { preconditions: { uid } }),
      };
      try {
        await caller.call({ method: "DELETE", path: objectPath(ref), body, signal });
        return true;
      } catch (error) {
        if (isAbsent(error)) return false;
        if (!(error instanceof KubernetesError && error.status === 409)) throw error;
        // Another object has the name now, or the deletion was requested before: a Namespace conflicts until it is gone.
        const found = await get(ref, signal);
        if (!found || (uid !== undefined && found.metadata.uid !== uid)) return false;
        if (found.metadata.deletionTimestamp === undefined) throw error;
        return true;
      }
    },

    list: (resource, scope) => listPages(caller, resource, scope),

    watch: (resource, scope) => watchEvents(caller, resource, scope),

    async mayI({ verb, resource, namespace }, signal) {
      const { group, version, plural } = resource;
      const review = (await caller.call({
        method: "POST",
        path: listPath({ ...accessReviews }),
        body: {
          apiVersion: apiVersionOf(accessReviews),
          kind: accessReviews.kind,
          spec: { resourceAttributes: { verb, group, version, resource: plural, ...(namespace && { namespace }) } },
        },
        signal,
      })) as { status?: { allowed?: boolean } };
      return review.status?.allowed === true;
    },

    async version(signal) {
      const { gitVersion } = (await caller.call({ method: "GET", path: "/version", signal })) as {
        gitVersion?: string;
      };
      if (typeof gitVersion !== "string")
        throw new KubernetesError("The server is no Kubernetes API: it has no version");
      return gitVersion;
    },

    close: () => caller.close(),
  };
}

const accessReviews = {
  group: "authorization.k8s.io",
  version: "v1",
  kind: "SelfSubjectAccessReview",
  plural: "selfsubjectaccessreviews",
  namespaced: false,
};

/** True if the object does not exist. Without a reason, the server does not have its whole kind, which is a failure. */
const isAbsent = (error: unknown) =>
  error instanceof KubernetesError && error.status === 404 && error.reason === "NotFound";
