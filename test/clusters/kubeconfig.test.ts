import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { kubeconfigSecretOf } from "../../src/services/provisioning/clusters/connections.ts";
import { base64, kubeconfig } from "../kubernetes/kubeconfig.ts";
import { testHouston } from "../support/houston.ts";
import { kubernetesServer, sendStatus } from "../support/kubernetesServer.ts";
import { outcomeOf } from "../support/outcome.ts";
import { selfSigned } from "../support/selfSigned.ts";

const tls = selfSigned();
const TOKEN = "canary-token-of-the-cluster";
const server = await kubernetesServer({ tls, tokens: new Set([TOKEN]) });
const otherServer = await kubernetesServer({ tls, tokens: new Set([TOKEN]) });
const { as, app, build, db } = await testHouston({ provisioner: "flux" });
const none = await testHouston();
const admin = await build.systemAdmin();

const clusterOf = (url = server.url) => ({ server: url, "certificate-authority-data": base64(tls.cert) });
const valid = kubeconfig(clusterOf(), { token: TOKEN });

const REGISTER = `mutation ($name: String!, $kubeconfig: String, $override: JSON) {
  registerCluster(name: $name, metadataUrl: "https://x.example.com", kubeconfig: $kubeconfig,
    deploymentsConfigOverride: $override) { id isConnected }
}`;
const UPDATE = `mutation ($id: Uuid!, $name: String, $kubeconfig: String) {
  updateCluster(id: $id, name: $name, kubeconfig: $kubeconfig) { id isConnected }
}`;

let clusters = 0;
const register = (given: string | null | undefined, override?: object) =>
  as(admin).send(REGISTER, { name: `cluster ${clusters++}`, kubeconfig: given, override });
const registered = async (given: string | null = valid): Promise<string> =>
  (await register(given)).data.registerCluster.id;
const update = (variables: object) => as(admin).send(UPDATE, { ...variables });
const messageOf = ({ errors }: { errors?: { message: string }[] }) => errors?.map(({ message }) => message).join();
const stored = async (id: string) => (await db.cluster.findUniqueOrThrow({ where: { id } })).kubeconfig;

/** Answers access reviews with false for these, until the work is done. */
async function denying<T>(
  denied: (review: { verb: string; resource: string; namespace?: string }) => boolean,
  work: () => Promise<T>,
) {
  server.allows = (review) => !denied(review);
  try {
    return await work();
  } finally {
    server.allows = () => true;
  }
}

describe("registerCluster with a kubeconfig", () => {
  it("stores it encrypted, and connects with it", async () => {
    const { data } = await register(valid);
    const { id, isConnected } = data.registerCluster;
    expect(isConnected).toBe(true);
    const sealed = (await stored(id)) ?? "";
    expect(app.services.secrets.open(sealed, kubeconfigSecretOf(id))).toBe(valid);
    const client = await app.services.connections.clientFor(id);
    expect(await client?.version()).toBe("v1.37.2");
  });

  it("shows and records nothing of it", async () => {
    const { body } = { body: JSON.stringify(await register(valid)) };
    const rows = await db.$queryRaw<{ row: string }[]>`
      SELECT e::text AS row FROM "AuditEntry" e UNION ALL SELECT c::text FROM "Cluster" c`;
    for (const text of [body, ...rows.map(({ row }) => row)]) {
      expect(text).not.toContain(TOKEN);
      expect(text).not.toContain(server.url);
    }
    expect(await db.auditEntry.findFirstOrThrow({ orderBy: { createdAt: "desc" } })).toMatchObject({
      action: "registerCluster",
      detail: { connected: true },
    });
  });

  it("asks the cluster whether it may do all that provisioning takes", async () => {
    const asked = new Set<string>();
    await denying(
      ({ verb, resource, namespace }) => {
        asked.add(`${verb} ${resource} ${namespace ?? "everywhere"}`);
        return false;
      },
      () => register(valid),
    );
    const expected = {
      namespaces: ["get", "create", "patch", "delete"],
      secrets: ["get", "create", "patch", "delete"],
      helmreleases: ["get", "list", "watch", "create", "patch", "delete"],
      deployments: ["list", "watch"],
      statefulsets: ["list", "watch"],
    };
    const all = Object.entries(expected).flatMap(([kind, verbs]) => verbs.map((verb) => `${verb} ${kind} everywhere`));
    expect([...asked].sort()).toEqual(all.sort());
  });

  it("names the permissions that are missing, and stores nothing", async () => {
    const before = await db.cluster.count();
    const answer = await denying(
      ({ verb, resource }) =>
        (resource === "helmreleases" && verb !== "get") || `${verb} ${resource}` === "create namespaces",
      () => register(valid),
    );
    expect(outcomeOf(answer)).toBe("BAD_USER_INPUT kubeconfig");
    expect(messageOf(answer)).toBe(
      "kubeconfig: its user may not create namespaces; may not list, watch, create, patch, delete helmreleases in any namespace",
    );
    expect(await db.cluster.count()).toBe(before);
  });

  it("asks about the listed namespaces only if Houston works in no others", async () => {
    const { as: asThere, build: there } = await testHouston({
      provisioner: "flux",
      kubernetes: { namespaced: true },
      deployments: { preCreatedNamespaces: ["red"], cleanupAirflowDb: { enabled: true } },
    });
    const someone = await there.systemAdmin();
    const answer = await denying(
      ({ namespace, resource, verb }) => namespace !== "blue" || (resource === "jobs" && verb === "patch"),
      () =>
        asThere(someone).send(REGISTER, { name: "x", kubeconfig: valid, override: { preCreatedNamespaces: ["blue"] } }),
    );
    expect(messageOf(answer)).toBe("kubeconfig: its user may not patch jobs in namespace blue");
  });

  it.each([
    ["no YAML", "{", "kubeconfig: The kubeconfig is not valid YAML"],
    [
      "a file of the server",
      kubeconfig({ server: server.url, "certificate-authority": "/etc/passwd" }),
      'kubeconfig: clusters["prod"].cluster.certificate-authority',
    ],
    [
      "a program",
      kubeconfig(clusterOf(), { exec: { command: "id" } }),
      'kubeconfig: users["admin"].user.exec is not supported',
    ],
    [
      "no verification",
      kubeconfig({ server: server.url, "insecure-skip-tls-verify": true }),
      "insecure-skip-tls-verify must not be true",
    ],
    ["plain HTTP", kubeconfig({ server: "http://127.0.0.1:8080" }), "server must be an https URL"],
    ["more than 64 KiB", valid.padEnd(64 * 1024 + 1, "\n"), "kubeconfig: must be a kubeconfig of at most 64 KiB"],
    [
      "more than 64 KiB in UTF-8",
      `${valid}#${"é".repeat(32 * 1024)}`,
      "kubeconfig: must be a kubeconfig of at most 64 KiB",
    ],
  ])("rejects one with %s", async (_, bad, message) => {
    const before = server.requests.length;
    const answer = await register(bad);
    expect(outcomeOf(answer)).toBe("BAD_USER_INPUT kubeconfig");
    expect(messageOf(answer)).toContain(message);
    expect(server.requests).toHaveLength(before);
  });

  it("rejects one that the cluster does not know", async () => {
    const answer = await register(kubeconfig(clusterOf(), { token: "expired" }));
    expect(outcomeOf(answer)).toBe("BAD_USER_INPUT kubeconfig");
    expect(messageOf(answer)).toBe("kubeconfig: the cluster does not accept its user");
  });

  it("reports why a cluster cannot be reached", async () => {
    const gone = await register(kubeconfig(clusterOf("https://127.0.0.1:1"), { token: TOKEN }));
    expect(outcomeOf(gone)).toBe("CLUSTER_UNAVAILABLE");
    expect(messageOf(gone)).toBe(
      "Houston cannot use this kubeconfig: The Kubernetes API cannot be reached: connect ECONNREFUSED 127.0.0.1:1",
    );
    const other = kubeconfig(
      { server: server.url, "certificate-authority-data": base64(selfSigned().cert) },
      { token: TOKEN },
    );
    expect(outcomeOf(await register(other))).toBe("CLUSTER_UNAVAILABLE");
  });

  it("is disabled while the platform does not run Deployments", async () => {
    const someone = await none.build.systemAdmin();
    const variables = { name: "x", kubeconfig: valid };
    expect(outcomeOf(await none.as(someone).send(REGISTER, variables))).toBe("FEATURE_DISABLED kubeconfig");
    const { data } = await none.as(someone).send(REGISTER, { ...variables, kubeconfig: "" });
    expect(data.registerCluster.isConnected).toBe(false);
    const { data: listed } = await none.as(someone).send("{ paginatedClusters { clusters { isConnected } } }");
    expect(listed.paginatedClusters.clusters).toEqual([{ isConnected: false }, { isConnected: false }]);
  });
});

describe("updateCluster with a kubeconfig", () => {
  it("connects a cluster, and keeps the connection with other changes", async () => {
    const id = await registered(null);
    expect(await stored(id)).toBeNull();
    expect((await update({ id, kubeconfig: valid })).data.updateCluster.isConnected).toBe(true);
    const sealed = await stored(id);
    const { data } = await update({ id, name: "renamed", kubeconfig: "" });
    expect(data.updateCluster.isConnected).toBe(true);
    expect(await stored(id)).toBe(sealed);
    const entries = await db.auditEntry.findMany({ where: { entityId: id, action: "updateCluster" } });
    expect(entries.map(({ detail }) => detail)).toEqual([
      { changed: ["kubeconfig"] },
      { changed: ["name"], name: "renamed" },
    ]);
  });

  it("ends the connection with null, once no Deployment is there", async () => {
    const id = await registered();
    const { deployment } = await build.deployment({ clusterId: id });
    const refused = await update({ id, kubeconfig: null });
    expect(outcomeOf(refused)).toBe("CONFLICT kubeconfig");
    expect(messageOf(refused)).toBe("kubeconfig: cannot be removed while the cluster has 1 Deployment");
    expect(await stored(id)).not.toBeNull();
    await db.deployment.update({ where: { id: deployment.id }, data: { deletedAt: new Date() } });
    const { releaseName, namespace } = deployment;
    await db.provision.create({ data: { id: deployment.id, clusterId: id, releaseName, namespace } });
    expect(messageOf(await update({ id, kubeconfig: null }))).toBe(
      "kubeconfig: cannot be removed before the releases of deleted Deployments (1) are",
    );
    expect(await stored(id)).not.toBeNull();
    await db.provision.update({ where: { id: deployment.id }, data: { removedAt: new Date() } });
    expect((await update({ id, kubeconfig: null })).data.updateCluster.isConnected).toBe(false);
    expect(await stored(id)).toBeNull();
    expect(await app.services.connections.clientFor(id)).toBeUndefined();
  });

  it("ends that of a cluster that no longer answers, once no Deployment is there", async () => {
    const lost = await kubernetesServer({ tls, tokens: new Set([TOKEN]) });
    const id = await registered(kubeconfig(clusterOf(lost.url), { token: TOKEN }));
    const { deployment } = await build.deployment({ clusterId: id });
    const { releaseName, namespace } = deployment;
    await db.provision.create({ data: { id: deployment.id, clusterId: id, releaseName, namespace } });
    await lost.stop();
    expect(outcomeOf(await update({ id, kubeconfig: null }))).toBe("CONFLICT kubeconfig");
    await db.deployment.update({ where: { id: deployment.id }, data: { deletedAt: new Date() } });
    await lost.start();
    lost.intercept = (_, response) => {
      sendStatus(response, 401, "Unauthorized", "Unauthorized");
      return true;
    };
    expect(outcomeOf(await update({ id, kubeconfig: null }))).toBe("CONFLICT kubeconfig");
    await lost.stop();
    expect((await update({ id, kubeconfig: null })).data.updateCluster.isConnected).toBe(false);
  });

  it("rejects what registerCluster rejects, and changes nothing", async () => {
    const id = await registered();
    const before = await stored(id);
    expect(outcomeOf(await update({ id, kubeconfig: "{" }))).toBe("BAD_USER_INPUT kubeconfig");
    expect(outcomeOf(await update({ id: "nowhere", kubeconfig: valid }))).toBe("NOT_FOUND id");
    const denied = await denying(
      ({ resource }) => resource === "secrets",
      () => update({ id, kubeconfig: valid }),
    );
    expect(messageOf(denied)).toContain("may not get, create, patch, delete secrets in any namespace");
    expect(await stored(id)).toBe(before);
  });
});

describe("the Kubernetes cluster of a kubeconfig", () => {
  const elsewhere = kubeconfig(clusterOf(otherServer.url), { token: TOKEN });
  const [uid, otherUid] = [server, otherServer].map(({ store }) => {
    const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name: "kube-system" } };
    return store.put({ kind: "/api/v1/namespaces", name: "kube-system" }, namespace).metadata.uid;
  });
  const idOf = async (id: string) => (await db.cluster.findUniqueOrThrow({ where: { id } })).kubernetesId;
  const provision = (clusterId: string, appliedRevision: number, removedAt: Date | null = null) =>
    db.provision.create({
      data: { id: `on-${clusterId}`, clusterId, releaseName: "x", namespace: "x", appliedRevision, removedAt },
    });
  /** Refuses the namespace to the user of the kubeconfig, which access reviews of namespaced users do not ask about. */
  async function hidden<T>(work: () => Promise<T>): Promise<T> {
    server.intercept = ({ url }, response) => {
      if (url.pathname !== "/api/v1/namespaces/kube-system") return false;
      sendStatus(response, 403, "Forbidden", "forbidden");
      return true;
    };
    try {
      return await work();
    } finally {
      server.intercept = undefined;
    }
  }

  it("is remembered with it, and shown to nobody", async () => {
    const id = await registered();
    expect(await idOf(id)).toBe(uid);
    const later = await registered(null);
    expect(await idOf(later)).toBeNull();
    await update({ id: later, kubeconfig: valid });
    await update({ id: later, name: "with an ID" });
    expect(await idOf(later)).toBe(uid);
    await update({ id: later, kubeconfig: null });
    expect(await idOf(later)).toBeNull();
    expect(await idOf(await hidden(() => registered()))).toBeNull();
    expect((await as(admin).send(`{ cluster(id: "${id}") { kubernetesId } }`)).errors).toBeDefined();
  });

  it("must not become another one while something that was applied is there", async () => {
    for (const removedAt of [null, new Date()]) {
      const id = await registered();
      await provision(id, 3, removedAt);
      const before = await stored(id);
      const refused = await update({ id, kubeconfig: elsewhere, name: "elsewhere" });
      expect(outcomeOf(refused)).toBe("BAD_USER_INPUT kubeconfig");
      expect(messageOf(refused)).toBe(
        "kubeconfig: belongs to another Kubernetes cluster than before, where objects of 1 Deployment are; register it as a cluster of its own",
      );
      const row = await db.cluster.findUniqueOrThrow({ where: { id } });
      expect(row).toMatchObject({ kubeconfig: before, kubernetesId: uid });
      expect(row.name).not.toBe("elsewhere");
    }
  });

  it("may stay the same", async () => {
    const id = await registered();
    await provision(id, 1);
    const rotated = `${valid}# rotated\n`;
    expect(outcomeOf(await update({ id, kubeconfig: rotated }))).toBe("ok");
    expect(app.services.secrets.open((await stored(id)) ?? "", kubeconfigSecretOf(id))).toBe(rotated);
    expect(await idOf(id)).toBe(uid);
  });

  it("may become another one while nothing was applied", async () => {
    const id = await registered();
    await provision(id, 0);
    await provision(await registered(), 1);
    expect(outcomeOf(await update({ id, kubeconfig: elsewhere }))).toBe("ok");
    expect(await idOf(id)).toBe(otherUid);
  });

  it("must not become another one while an object of what could not be applied is there", async () => {
    const id = await registered();
    await provision(id, 0);
    await db.provision.updateMany({ where: { clusterId: id }, data: { ownsNamespace: true } });
    expect(outcomeOf(await update({ id, kubeconfig: elsewhere }))).toBe("BAD_USER_INPUT kubeconfig");
  });

  it("must not become another one than that of the platform's configuration for the default cluster", async () => {
    const file = join(await mkdtemp(join(tmpdir(), "cluster-")), "kubeconfig");
    await writeFile(file, kubeconfig(clusterOf(), { token: TOKEN }));
    const there = await testHouston({ provisioner: "flux", kubernetes: { kubeconfig: file } });
    const id = "cldefault0000000000000000";
    const someone = there.as(await there.build.systemAdmin());
    const change = async (to: string | null) => outcomeOf(await someone.send(UPDATE, { id, kubeconfig: to }));
    await there.db.provision.create({
      data: {
        id: "applied",
        clusterId: id,
        releaseName: "x",
        namespace: "x",
        appliedRevision: 1,
        removedAt: new Date(),
      },
    });
    expect(await change(elsewhere)).toBe("BAD_USER_INPUT kubeconfig");
    expect(await change(valid)).toBe("ok");
    expect(await change(elsewhere)).toBe("BAD_USER_INPUT kubeconfig");
    expect(await change(null)).toBe("ok");
    // Lost: it cannot be asked.
    await writeFile(file, kubeconfig(clusterOf("https://127.0.0.1:1"), { token: TOKEN }));
    expect(await change(elsewhere)).toBe("ok");
  });

  it("may become any while either is unknown", async () => {
    const id = await registered();
    await provision(id, 1);
    expect(outcomeOf(await hidden(() => update({ id, kubeconfig: valid })))).toBe("ok");
    expect(await idOf(id)).toBeNull();
    expect(outcomeOf(await update({ id, kubeconfig: elsewhere }))).toBe("ok");
    expect(await idOf(id)).toBe(otherUid);
  });
});

describe("deregisterCluster with a connection", () => {
  const DEREGISTER = `mutation ($id: Uuid!) { deregisterCluster(id: $id) { id isConnected } }`;
  const deregister = (id: string) => as(admin).send(DEREGISTER, { id });

  it("waits until the releases of deleted Deployments are gone, and moves what is needed to restore them", async () => {
    const id = await registered();
    const { deployment } = await build.deployment({ clusterId: id, deletedAt: new Date() });
    const { releaseName, namespace } = deployment;
    await db.provision.create({ data: { id: deployment.id, clusterId: id, releaseName, namespace } });
    const refused = await deregister(id);
    expect(outcomeOf(refused)).toBe("CONFLICT id");
    expect(messageOf(refused)).toBe("id: the cluster still has the release of a deleted Deployment");
    const data = { removedAt: new Date(), appliedRevision: 3, ownsNamespace: true };
    await db.provision.update({ where: { id: deployment.id }, data });
    expect((await deregister(id)).data.deregisterCluster).toEqual({ id, isConnected: true });
    const row = await db.provision.findUniqueOrThrow({ where: { id: deployment.id } });
    // Nothing of it is on the default cluster.
    const moved = { clusterId: "cldefault0000000000000000", appliedRevision: 0, ownsNamespace: false };
    expect(row).toMatchObject(moved);
  });

  it("does not wait for a cluster without a connection", async () => {
    const id = await registered(null);
    const { deployment } = await build.deployment({ clusterId: id, deletedAt: new Date() });
    const { releaseName, namespace } = deployment;
    await db.provision.create({ data: { id: deployment.id, clusterId: id, releaseName, namespace } });
    expect(outcomeOf(await deregister(id))).toBe("ok");
  });
});

it("shows the default cluster as connected, by the platform's own configuration", async () => {
  const { data } = await as(admin).send(`{ cluster(id: "cldefault0000000000000000") { isConnected } }`);
  expect(data.cluster.isConnected).toBe(true);
});
