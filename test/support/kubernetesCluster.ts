import { generateKeyPairSync, randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { parseAllDocuments } from "yaml";
import { type Caller, createCaller } from "../../src/platform/kubernetes/createCaller.ts";
import { createKubernetesClient } from "../../src/platform/kubernetes/createKubernetesClient.ts";
import type { Credentials } from "../../src/platform/kubernetes/credentials.ts";
import type { KubernetesClient, KubernetesObject, Resource } from "../../src/platform/kubernetes/kubernetes.ts";
import { namespaces } from "../../src/platform/kubernetes/resources.ts";
import { type KubernetesPrograms, kubernetesPrograms, programSources } from "./kubernetesPrograms.ts";
import { portToKeep } from "./portToKeep.ts";
import { type RestartableProcess, restartableProcess } from "./restartableProcess.ts";
import { selfSigned } from "./selfSigned.ts";

/** A Kubernetes cluster of processes on loopback, with Flux's helm-controller. Its pods run without containers. */
export interface KubernetesCluster {
  /** A folder for files of the tests, removed with the cluster. */
  folder: string;
  server: string;
  /** The certificate of the API server in PEM. */
  ca: string;
  /** The private key in PEM that signs the tokens of service accounts. */
  tokenKey: string;
  /** May do everything. */
  client: KubernetesClient;
  /** Sends requests that the client does not have. */
  caller: Caller;
  apiServer: RestartableProcess;
  helmController: RestartableProcess;
  /** What the API server counts and measures, as Prometheus reads it. */
  metrics(): Promise<string>;
  stop(): Promise<void>;
}

/** The namespaces of Flux and of Houston. */
export const FLUX_NAMESPACE = "flux-system";
export const HOUSTON_NAMESPACE = "houston";

const USERS = ["admin", "system:kube-controller-manager", "system:kube-scheduler", "helm-controller", "kwok"] as const;
type User = (typeof USERS)[number];

const crds = clusterWide("apiextensions.k8s.io", "CustomResourceDefinition", "customresourcedefinitions");
const nodes = clusterWide("", "Node", "nodes");

/** Starts a cluster, in about ten seconds. A `bare` one only stores objects: nothing is done about them. */
export async function startKubernetesCluster({ bare = false } = {}): Promise<KubernetesCluster> {
  const programs = kubernetesPrograms();
  const folder = await mkdtemp(join(tmpdir(), "houston-cluster-"));
  const port = await portToKeep();
  const server = `https://127.0.0.1:${port}`;
  const { key, cert: ca } = selfSigned();
  const tokenKeys = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const tokenKey = tokenKeys.privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  const tokens = new Map(USERS.map((user) => [user, randomBytes(24).toString("hex")]));
  const file = (name: string) => join(folder, name);
  await mkdir(file("log"));
  await writeFile(file("server.key"), key);
  await writeFile(file("server.crt"), ca);
  await writeFile(file("tokens.key"), tokenKey);
  await writeFile(file("tokens.pub"), tokenKeys.publicKey.export({ type: "spki", format: "pem" }));
  const line = ([user, token]: [User, string]) =>
    [token, user, user, ...(user.startsWith("system:") ? [] : ["system:masters"])].join(",");
  await writeFile(file("tokens.csv"), [...tokens].map(line).join("\n"));
  for (const [user, token] of tokens)
    await writeFile(file(`${user}.kubeconfig`), kubeconfigOf({ server, ca, token }), { mode: 0o600 });

  const credentials: Credentials = { server, ca, insecureSkipTlsVerify: false, token: tokens.get("admin") ?? "" };
  const options = { requestTimeout: 30_000, userAgent: "tests" };
  const client = createKubernetesClient(() => credentials, options);
  const caller = createCaller(() => credentials, options);
  const processes = await prepare({ programs, file, port, client });
  const stop = async () => {
    client.close();
    caller.close();
    for (const one of Object.values(processes).toReversed()) await one.stop();
    await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  };
  try {
    await processes.etcd.start();
    await processes.apiServer.start();
    await install(client, programs);
    const { controllerManager, scheduler, kwok, helmController: flux } = processes;
    if (!bare) await Promise.all([controllerManager, scheduler, kwok, flux].map((one) => one.start()));
  } catch (error) {
    await stop();
    throw error;
  }
  const { apiServer, helmController } = processes;
  const metrics = () => readMetrics({ port, ca, token: credentials.token ?? "" });
  return { folder, server, ca, tokenKey, client, caller, apiServer, helmController, metrics, stop };
}

async function readMetrics({ port, ca, token }: { port: number; ca: string; token: string }): Promise<string> {
  const headers = { authorization: `Bearer ${token}` };
  const sent = request({ host: "127.0.0.1", port, path: "/metrics", ca, headers }).end();
  const [response] = (await once(sent, "response")) as [IncomingMessage];
  return text(response);
}

/** A kubeconfig with one context. */
export const kubeconfigOf = ({ server, ca, token }: { server: string; ca: string; token: string }): string =>
  // JSON is YAML.
  JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "test", cluster: { server, "certificate-authority-data": Buffer.from(ca).toString("base64") } }],
    users: [{ name: "test", user: { token } }],
    contexts: [{ name: "test", context: { cluster: "test", user: "test" } }],
    "current-context": "test",
  });

/** The programs in the order in which they are to be started. */
async function prepare({
  programs,
  file,
  port,
  client,
}: {
  programs: KubernetesPrograms;
  file: (name: string) => string;
  port: number;
  client: KubernetesClient;
}) {
  const [etcdPort, peerPort, healthPort, metricsPort] = await Promise.all(Array.from({ length: 4 }, portToKeep));
  const [etcd, peer] = [`http://127.0.0.1:${etcdPort}`, `http://127.0.0.1:${peerPort}`];
  const log = (name: string) => file(`log/${name}.log`);
  const running = async () => true;
  const answers = async (url: string) => (await fetch(url)).ok;
  const started = (name: string, args: readonly string[], isReady: () => Promise<boolean>, command?: string) =>
    restartableProcess(command ?? programs.controlPlane, command ? args : [name, ...args], { log: log(name), isReady });
  const shared = (user: User) => [
    ...[`--kubeconfig=${file(`${user}.kubeconfig`)}`, "--bind-address=127.0.0.1", "--secure-port=0"],
    ...["--leader-elect=false", "--profiling=false", "--kube-api-qps=200", "--kube-api-burst=300"],
  ];
  return {
    etcd: started(
      "etcd",
      [
        ...[`--data-dir=${file("etcd")}`, "--unsafe-no-fsync", "--log-level=warn", "--name=default"],
        ...[`--listen-client-urls=${etcd}`, `--advertise-client-urls=${etcd}`, `--listen-peer-urls=${peer}`],
        ...[`--initial-advertise-peer-urls=${peer}`, `--initial-cluster=default=${peer}`],
      ],
      () => answers(`${etcd}/health`),
    ),
    apiServer: started(
      "kube-apiserver",
      [
        ...[`--etcd-servers=${etcd}`, "--bind-address=127.0.0.1", `--secure-port=${port}`],
        ...[
          "--endpoint-reconciler-type=none",
          "--service-cluster-ip-range=10.0.0.0/16",
          "--shutdown-delay-duration=0s",
        ],
        ...[`--tls-cert-file=${file("server.crt")}`, `--tls-private-key-file=${file("server.key")}`],
        ...[`--token-auth-file=${file("tokens.csv")}`, "--authorization-mode=RBAC", "--profiling=false"],
        "--service-account-issuer=https://kubernetes.default.svc",
        ...[
          `--service-account-key-file=${file("tokens.pub")}`,
          `--service-account-signing-key-file=${file("tokens.key")}`,
        ],
        ...["--disable-admission-plugins=TaintNodesByCondition", "--enable-priority-and-fairness=false"],
      ],
      async () => (await client.get({ resource: namespaces, name: "default" })) !== undefined,
    ),
    controllerManager: started(
      "kube-controller-manager",
      [
        ...shared("system:kube-controller-manager"),
        ...[`--service-account-private-key-file=${file("tokens.key")}`, `--root-ca-file=${file("server.crt")}`],
        "--use-service-account-credentials=true",
        // A node without a kubelet would be considered lost.
        "--controllers=*,-node-lifecycle-controller,-persistentvolume-attach-detach-controller",
      ],
      running,
    ),
    scheduler: started("kube-scheduler", shared("system:kube-scheduler"), running),
    kwok: started(
      "kwok",
      [
        ...[`--kubeconfig=${file("kwok.kubeconfig")}`, `--config=${join(programSources, "stages.yaml")}`],
        ...["--manage-all-nodes=true", "--node-port=0"],
      ],
      async () => isReady(await client.get({ resource: nodes, name: "node" })),
      programs.kwok,
    ),
    helmController: restartableProcess(
      programs.helmController,
      [
        ...["--watch-all-namespaces=true", "--enable-leader-election=false", "--events-addr=", "--concurrent=8"],
        ...[`--metrics-addr=127.0.0.1:${metricsPort}`, `--health-addr=127.0.0.1:${healthPort}`],
        "--graceful-shutdown-timeout=5s",
      ],
      {
        log: log("helm-controller"),
        env: { KUBECONFIG: file("helm-controller.kubeconfig"), RUNTIME_NAMESPACE: FLUX_NAMESPACE },
        isReady: () => answers(`http://127.0.0.1:${healthPort}/readyz`),
      },
    ),
  };
}

/** Creates what a cluster with Flux has: its kinds of objects, namespaces, and a node. */
async function install(client: KubernetesClient, { crds: folder }: KubernetesPrograms): Promise<void> {
  const names = [FLUX_NAMESPACE, HOUSTON_NAMESPACE];
  for (const name of names) await client.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name } }, namespaces);
  const metadata = { name: "node", labels: { "kubernetes.io/os": "linux", "kubernetes.io/hostname": "node" } };
  await client.apply({ apiVersion: "v1", kind: "Node", metadata }, nodes);
  for (const name of await readdir(folder)) {
    for (const document of parseAllDocuments(await readFile(join(folder, name), "utf8"))) {
      const definition = document.toJS() as KubernetesObject;
      await client.apply(definition, crds);
      await established(client, definition.metadata.name);
    }
  }
}

async function established(client: KubernetesClient, name: string): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const check = async () => {
    const object = await client.get({ resource: crds, name });
    if (conditionOf(object, "Established") === "True") resolve();
    else setTimeout(check, 50);
  };
  await check();
  return promise;
}

const isReady = (object: KubernetesObject | undefined) => conditionOf(object, "Ready") === "True";

/** The status of a condition of an object. */
export function conditionOf(object: KubernetesObject | undefined, type: string): string | undefined {
  const conditions = (object?.status?.conditions ?? []) as { type: string; status: string }[];
  return conditions.find((condition) => condition.type === type)?.status;
}

function clusterWide(group: string, kind: string, plural: string): Resource {
  return { group, version: "v1", kind, plural, namespaced: false };
}
