import { describe, expect, it } from "vitest";
import { deployments, helmReleases, namespaces, secrets } from "../../src/platform/kubernetes/resources.ts";
import { kubernetesServer, sendJson, sendStatus } from "../support/kubernetesServer.ts";
import { clientOf, placeOfRelease, release } from "./client.ts";

const server = await kubernetesServer();
const client = clientOf(server.url);
const last = () => server.requests.at(-1);
const refOf = (name: string) => ({ resource: helmReleases, namespace: "airflow", name });

describe("apply", () => {
  it("is a server-side apply as houston that takes over fields of others", async () => {
    await client.apply(release("wire", { interval: "30m" }), helmReleases);
    expect(last()).toMatchObject({
      method: "PATCH",
      url: { pathname: "/apis/helm.toolkit.fluxcd.io/v2/namespaces/airflow/helmreleases/wire" },
      headers: {
        "content-type": "application/apply-patch+yaml",
        accept: "application/json",
        authorization: "Bearer some-token",
        "user-agent": "houston/test",
      },
      body: release("wire", { interval: "30m" }),
    });
    expect(Object.fromEntries(last()?.url.searchParams ?? [])).toEqual({ fieldManager: "houston", force: "true" });
  });

  it("creates the object, changes it, and removes what is no longer in it", async () => {
    const created = await client.apply(release("one", { interval: "30m", values: { a: 1, b: "ü€😀" } }), helmReleases);
    expect(created).toMatchObject({ metadata: { uid: expect.any(String), generation: 1 } });
    const changed = await client.apply(release("one", { interval: "30m", values: { a: 2 } }), helmReleases);
    expect(changed).toMatchObject({
      spec: { interval: "30m", values: { a: 2 } },
      metadata: { uid: created.metadata.uid, generation: 2 },
    });
    expect(changed.spec?.values).toEqual({ a: 2 });
  });

  it("has no namespace in the path of kinds of the whole cluster", async () => {
    await client.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: "airflow" } }, namespaces);
    expect(last()?.url.pathname).toBe("/api/v1/namespaces/airflow");
  });

  it("may apply again what was read", async () => {
    server.intercept = (_, response) => {
      const managed = release("managed");
      sendJson(response, 200, { ...managed, metadata: { ...managed.metadata, managedFields: [{ manager: "helm" }] } });
      return true;
    };
    const read = await client.get(refOf("managed"));
    server.intercept = undefined;
    if (!read) throw new Error("not found");
    await client.apply(read, helmReleases);
    // The API server refuses objects with managedFields.
    expect(last()?.body).toEqual(release("managed"));
  });
});

describe("patch", () => {
  it("changes some fields by a merge patch", async () => {
    await client.apply(release("patched", { suspend: true, interval: "30m" }), helmReleases);
    const stored = await client.patch(refOf("patched"), { spec: { suspend: null, timeout: "5m" } });
    expect(stored.spec).toEqual({ interval: "30m", timeout: "5m" });
    expect(last()).toMatchObject({ method: "PATCH", headers: { "content-type": "application/merge-patch+json" } });
    expect(last()?.url.search).toBe("?fieldManager=houston");
  });

  it("fails if there is no such object", async () => {
    await expect(client.patch(refOf("missing"), {})).rejects.toMatchObject({
      name: "KubernetesError",
      status: 404,
      reason: "NotFound",
      message: 'helmreleases "missing" not found',
    });
  });
});

describe("get", () => {
  it("returns the object", async () => {
    await client.apply(release("read", { interval: "30m" }), helmReleases);
    expect(await client.get(refOf("read"))).toMatchObject(release("read", { interval: "30m" }));
  });

  it("returns undefined if there is none", async () => {
    expect(await client.get(refOf("none"))).toBeUndefined();
  });

  it.each([
    ["in plain text", "404 page not found\n"],
    ["as a Status without a name", JSON.stringify({ kind: "Status", reason: "NotFound", code: 404, details: {} })],
  ])("fails if the server does not have the kind, and says so %s", async (_, body) => {
    server.intercept = (_, response) => {
      response.writeHead(404).end(body);
      return true;
    };
    const message = "The Kubernetes API does not have this kind of objects";
    await expect(client.get(refOf("none"))).rejects.toMatchObject({ status: 404, reason: undefined, message });
    await expect(client.delete(refOf("none"))).rejects.toMatchObject({ status: 404, message });
    server.intercept = undefined;
  });

  it("escapes names, and refuses those that lead elsewhere", async () => {
    expect(await client.get(refOf("a/b?c#d"))).toBeUndefined();
    expect(last()?.url.pathname).toMatch(/\/helmreleases\/a%2Fb%3Fc%23d$/);
    for (const name of ["", ".", ".."]) {
      await expect(client.get(refOf(name))).rejects.toThrow(`name must be the name of an object, not "${name}"`);
    }
    await expect(client.get({ ...refOf("x"), namespace: ".." })).rejects.toThrow(
      "namespace must be the name of an object",
    );
  });

  it("refuses a namespace that is missing or too much", async () => {
    await expect(client.get({ resource: secrets, name: "x" })).rejects.toThrow("namespace must be given for secrets");
    await expect(client.get({ resource: namespaces, namespace: "a", name: "x" })).rejects.toThrow(
      "namespace must not be given for namespaces",
    );
  });
});

describe("delete", () => {
  it("removes the object in the background", async () => {
    await client.apply(release("gone"), helmReleases);
    expect(await client.delete(refOf("gone"))).toBe(true);
    expect(last()).toMatchObject({ method: "DELETE", body: { propagationPolicy: "Background" } });
    expect(last()?.body.preconditions).toBeUndefined();
    expect(server.store.get(placeOfRelease("gone"))).toBeUndefined();
  });

  it("returns false if there is none", async () => {
    expect(await client.delete(refOf("never"))).toBe(false);
  });

  it("removes only the object with the uid", async () => {
    const { metadata } = await client.apply(release("again"), helmReleases);
    expect(await client.delete(refOf("again"), { uid: "of-an-earlier-one" })).toBe(false);
    expect(server.store.get(placeOfRelease("again"))).toBeDefined();
    expect(await client.delete(refOf("again"), { uid: `${metadata.uid}` })).toBe(true);
    expect(server.store.get(placeOfRelease("again"))).toBeUndefined();
  });

  it("returns true while finalizers delay it", async () => {
    const { metadata } = await client.apply(release("held"), helmReleases);
    await client.patch(refOf("held"), { metadata: { finalizers: ["finalizers.fluxcd.io"] } });
    expect(await client.delete(refOf("held"), { uid: `${metadata.uid}` })).toBe(true);
    expect(await client.delete(refOf("held"))).toBe(true);
    expect(await client.get(refOf("held"))).toMatchObject({ metadata: { deletionTimestamp: expect.any(String) } });
    await client.patch(refOf("held"), { metadata: { finalizers: null } });
    expect(await client.get(refOf("held"))).toBeUndefined();
  });

  it("returns true for a Namespace that conflicts because it is being deleted", async () => {
    const deleted = { metadata: { name: "airflow", uid: "u", deletionTimestamp: "2026-01-01T00:00:00Z" } };
    let stored: object = deleted;
    server.intercept = (request, response) => {
      if (request.method === "DELETE") sendStatus(response, 409, "Conflict", "the namespace is terminating");
      else sendJson(response, 200, stored);
      return true;
    };
    const ref = { resource: namespaces, name: "airflow" };
    expect(await client.delete(ref)).toBe(true);
    expect(await client.delete(ref, { uid: "u" })).toBe(true);
    expect(await client.delete(ref, { uid: "other" })).toBe(false);
    stored = { metadata: { name: "airflow", uid: "u" } };
    await expect(client.delete(ref)).rejects.toMatchObject({ status: 409, message: "the namespace is terminating" });
    server.intercept = undefined;
  });
});

describe("mayI", () => {
  it("asks what these credentials may do", async () => {
    server.allows = ({ verb, namespace }) => verb === "create" && namespace === "airflow";
    expect(await client.mayI({ verb: "create", resource: deployments, namespace: "airflow" })).toBe(true);
    expect(last()).toMatchObject({
      method: "POST",
      url: { pathname: "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews" },
      body: {
        apiVersion: "authorization.k8s.io/v1",
        kind: "SelfSubjectAccessReview",
        spec: {
          resourceAttributes: {
            verb: "create",
            group: "apps",
            version: "v1",
            resource: "deployments",
            namespace: "airflow",
          },
        },
      },
    });
    expect(await client.mayI({ verb: "create", resource: deployments })).toBe(false);
  });

  it("is false without an answer to the question", async () => {
    server.intercept = (_, response) => {
      sendJson(response, 201, { status: {} });
      return true;
    };
    expect(await client.mayI({ verb: "get", resource: namespaces })).toBe(false);
    server.intercept = undefined;
  });
});

describe("version", () => {
  it("is the server's", async () => {
    expect(await client.version()).toBe("v1.37.2");
  });

  it("fails for a server that is something else", async () => {
    server.intercept = (_, response) => {
      sendJson(response, 200, {});
      return true;
    };
    await expect(client.version()).rejects.toThrow("The server is no Kubernetes API: it has no version");
    server.intercept = undefined;
  });
});
