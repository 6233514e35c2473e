import type { AddressInfo } from "node:net";
import type { GraphQLSchema } from "graphql";
import type { Logger } from "pino";
import { createSharedCallerLoader } from "./access/callerLoader.ts";
import type { Services } from "./access/context.ts";
import { createLastUsed } from "./access/lastUsed.ts";
import { createRoles } from "./access/roles.ts";
import { addRoutes } from "./api/addRoutes.ts";
import { createAlphaSchema } from "./api/alpha/createAlphaSchema.ts";
import { addAlerts } from "./api/edge/addAlerts.ts";
import { createApollo } from "./api/graphql/createApollo.ts";
import { createSchema } from "./api/graphql/createSchema.ts";
import { createOperationsServer } from "./api/health/createOperationsServer.ts";
import { createMetrics } from "./api/health/processMetrics.ts";
import { createReadiness, type Readiness } from "./api/health/readiness.ts";
import { addCors } from "./api/http/addCors.ts";
import { closeServer } from "./api/http/closeServer.ts";
import { createServer, type Server } from "./api/http/createServer.ts";
import { infoPages } from "./api/http/infoPages.ts";
import { limitDatabaseTime } from "./api/http/limitDatabaseTime.ts";
import { createOverload } from "./api/http/overload.ts";
import { refuseEarly } from "./api/http/refuseEarly.ts";
import { refuseExcess } from "./api/http/refuseExcess.ts";
import { stopAccepting } from "./api/http/stopAccepting.ts";
import type { SocketCounts } from "./api/websocket/addWebsocket.ts";
import { fastPathConnections, installFastPath } from "./fastPath/installFastPath.ts";
import { createDenials } from "./platform/audit/denials.ts";
import { startSealing } from "./platform/audit/startSealing.ts";
import { type Config, ensureSecrets, senderOf } from "./platform/config/config.ts";
import { connect } from "./platform/database/connect.ts";
import { startEmbedded } from "./platform/database/embedded/embedded.ts";
import { migrate } from "./platform/database/migrate.ts";
import { createListening } from "./platform/events/listen.ts";
import { createRightsEvents } from "./platform/events/rightsEvents.ts";
import { createStatusEvents } from "./platform/events/statusEvents.ts";
import { migrateJobs } from "./platform/jobs/migrateJobs.ts";
import { startWorker } from "./platform/jobs/worker.ts";
import { createLog } from "./platform/log/log.ts";
import { checkSmtp } from "./platform/mail/checkSmtp.ts";
import { mailTasks } from "./platform/mail/mailTasks.ts";
import { checkKeys } from "./platform/secrets/checkKeys.ts";
import { secretBox } from "./platform/secrets/secretBox.ts";
import { createSigningKeys } from "./platform/signing/signingKeys.ts";
import { encryptedColumns } from "./services/encryptedColumns.ts";
import { scheduledJobs } from "./services/jobs/scheduledJobs.ts";
import { nouns } from "./services/nouns.ts";
import { assertKubeconfigFile } from "./services/provisioning/clusters/assertKubeconfigFile.ts";
import { createConnections } from "./services/provisioning/clusters/connections.ts";
import { PROVISION } from "./services/provisioning/jobs/provisionJob.ts";
import { startProvisioning } from "./services/provisioning/startProvisioning.ts";
import { readImageVersions } from "./services/registry/readImageVersions.ts";
import { releasesOf } from "./services/releases/releases.ts";
import { platformReleases } from "./services/releases/updateAvailable.ts";
import { prepareSetupToken } from "./services/users/setupToken.ts";

/** A complete Houston server. */
export interface App {
  fastify: Server;
  /** Its `config` includes the generated secrets that were not configured. */
  services: Services;
  readiness: Readiness;
  /** What the first sign-up from another machine must send; undefined if there was a user at startup. */
  setupToken: string | undefined;
  /** Counts of the open WebSockets at `webserver.subscriptions`. */
  sockets(): SocketCounts;
  /** Opens both ports and returns their URLs. Throws if a port is in use. */
  listen(): Promise<{ url: string; operationsUrl: string }>;
  /**
   * Closes the port of the API and answers what clients have already sent. Only while `readiness.draining`, before
   * `close`.
   */
  stopAccepting(): Promise<void>;
  /** Rejects, with an error for the operator, if Houston can never again serve requests: it should exit. */
  failed: Promise<never>;
  /** Finishes running requests and jobs, then closes everything it opened. May be called more than once. */
  close(): Promise<void>;
}

/** Maximum number of concurrent jobs in one process. They share the pool with the requests. */
const MAX_CONCURRENT_JOBS = 2;

/**
 * Connections that may wait until Houston accepts them; Linux allows as many by default. Beyond Node's 511, the first bytes
 * of a client would be dropped and sent again, for seconds, when many connect together.
 */
const BACKLOG = 4_096;

/** The share of `webserver.drainTimeout` that requests and jobs may use; the rest is for closing the database. */
const DRAIN_SHARE = 0.8;

/**
 * Assembles the server: secrets, database (the embedded one unless `database.url` is set), migrations, background jobs,
 * GraphQL and routes. Does not listen yet. Throws if the database cannot be reached or migrated; nothing stays open
 * then. `environment` says where the API of Kubernetes is if this is a pod; all settings are in `settings`.
 */
export async function createApp(
  settings: Config,
  given: { log?: Logger; schema?: GraphQLSchema; alphaSchema?: GraphQLSchema; environment?: NodeJS.ProcessEnv } = {},
): Promise<App> {
  const log = given.log ?? createLog(settings);
  const config = await ensureSecrets(settings);
  // Read now, so that an invalid file prevents the start.
  releasesOf(config.deployments);
  platformReleases(config);
  await assertKubeconfigFile(config);
  const schema = given.schema ?? createSchema(nouns);
  const alphaSchema = given.alphaSchema ?? createAlphaSchema();
  const drain = config.webserver.drainTimeout * DRAIN_SHARE;
  const closers: (() => Promise<unknown>)[] = [];
  const failed = Promise.withResolvers<never>();
  // Nobody has to listen.
  failed.promise.catch(() => undefined);
  let closing: Promise<void> | undefined;
  const close = () => {
    closing ??= closeAll(closers, log);
    return closing;
  };
  /** What ends running work. All at once, because each may take as long as the whole stop may. */
  const stops: (() => Promise<unknown>)[] = [];
  const stopWork = () => Promise.all(stops.splice(0).map((stop) => stop()));

  try {
    let operations: Server | undefined;
    // Closed last, so that probes get a response until the end.
    closers.push(async () => operations?.close());
    const url = config.database.url ?? (await startEmbeddedDatabase(config, log, closers, failed.reject));
    const reserved = config.fastPath.enabled ? fastPathConnections(config.database.pool) : 0;
    const poolSettings = { ...config.database.pool, max: config.database.pool.max - reserved };
    const { pool, db, close: disconnect } = connect(url, poolSettings, log);
    closers.push(disconnect);
    const readiness = createReadiness(pool);
    await migrate(url, log);
    await migrateJobs(pool, log);
    await checkKeys(pool, config.encryption.keys, encryptedColumns);
    readiness.migrated = true;

    const lastUsed = createLastUsed(pool, log);
    closers.push(() => lastUsed.stop());
    const now = () => new Date();
    const denials = createDenials({ pool, log, now }, { maxPerMinute: config.audit.maxDenialsPerMinute });
    closers.push(() => denials.stop());
    const sealing = startSealing(pool, log, config.audit.sealInterval);
    closers.push(() => sealing.stop());
    const secrets = secretBox(config.encryption.keys);
    const signingKeys = createSigningKeys({ pool, secrets, now });
    const roles = createRoles(config.roles);
    const listening = createListening(url, log);
    closers.push(() => listening.stop());
    const statusEvents = createStatusEvents(listening, pool, log);
    const rightsEvents = createRightsEvents(listening);
    const sharedCallerLoader = createSharedCallerLoader(pool);
    const connections = createConnections({ config, db, secrets }, given.environment ?? {});
    closers.push(async () => connections.stop());
    const services: Services = {
      config,
      db,
      pool,
      roles,
      sharedCallerLoader,
      secrets,
      signingKeys,
      lastUsed,
      denials,
      statusEvents,
      rightsEvents,
      connections,
      log,
      now,
    };

    const setupToken = await prepareSetupToken(services);

    const mails = mailTasks({
      email: config.email,
      sender: senderOf(config),
      dataFolder: config.database.dataFolder,
      secrets,
      log,
    });
    void checkSmtp(config.email, log);
    const { tasks, schedule } = scheduledJobs(services);
    const worker = await startWorker({
      pool,
      tasks: { ...mails, ...tasks, readImageVersions: readImageVersions(services) },
      elsewhere: [PROVISION],
      schedule,
      concurrency: MAX_CONCURRENT_JOBS,
      log,
      stopTimeout: drain,
    });
    stops.push(() => worker.stop());
    const provisioning = await startProvisioning(services, { databaseUrl: url, stopTimeout: drain });
    stops.push(() => provisioning.stop());
    const metrics = createMetrics(pool);
    const apollo = createApollo({ schema, config, log, count: metrics.count });
    const alpha = createApollo({ schema: alphaSchema, config, log, count: metrics.count });
    const { endpoint, alphaEndpoint } = config.webserver;
    const { notFound, home } = infoPages(config);
    const hint = `GraphQL accepts POST requests at ${endpoint}`;
    const fastify = await createServer(config.webserver, log, hint, notFound);
    await addCors(fastify, config);
    const overload = createOverload(config.webserver);
    closers.push(async () => overload.stop());
    refuseExcess(fastify, overload);
    refuseEarly(fastify, { overload, graphqlPaths: [endpoint, alphaEndpoint], count: metrics.countRefusal });
    limitDatabaseTime(fastify, config.database.pool.requestTimeout);
    const fastPath = config.fastPath.enabled
      ? installFastPath({ fastify, apollo, schema, services, databaseUrl: url, count: metrics.count })
      : undefined;
    if (fastPath) closers.push(() => fastPath.close());
    await apollo.start();
    await alpha.start();
    stops.push(() => closeServer(fastify, drain).then(() => Promise.all([apollo.stop(), alpha.stop()])));
    closers.push(stopWork);
    metrics.measure(fastify);
    // While draining, asks clients to close keep-alive connections, so that they reconnect to another replica in time.
    fastify.addHook("onSend", (_request, reply, _payload, done) => {
      if (readiness.draining) reply.header("connection", "close");
      done();
    });
    const served = { graphql: { apollo, schema }, alpha: { apollo: alpha, schema: alphaSchema } };
    const sockets = await addRoutes(fastify, services, {
      ...{ ...served, readiness, overload, home, count: metrics.count },
      ...(fastPath && { runners: fastPath }),
    });
    metrics.watchSockets(sockets);
    operations = await createOperationsServer(config.webserver, { readiness, metrics, log });
    addAlerts(operations, services, undefined);

    const operationsServer = operations;
    const listen = async () => {
      const { host, port, operationsPort } = config.webserver;
      await operationsServer.listen({ host, port: operationsPort });
      await fastify.listen({ host, port, backlog: BACKLOG });
      readiness.listening = true;
      return { url: addressOf(fastify), operationsUrl: addressOf(operationsServer) };
    };
    return {
      fastify,
      services,
      readiness,
      setupToken,
      sockets,
      listen,
      stopAccepting: () => stopAccepting(fastify),
      failed: failed.promise,
      close,
    };
  } catch (error) {
    closers.push(stopWork);
    await close();
    throw error;
  }
}

async function startEmbeddedDatabase(
  config: Config,
  log: Logger,
  closers: (() => Promise<unknown>)[],
  givenUp: (error: Error) => void,
): Promise<string> {
  const database = await startEmbedded({ folder: config.database.dataFolder, log, givenUp });
  closers.push(() => database.stop());
  return database.url;
}

/** Closes in reverse order of opening. A failure must not keep the others open. */
async function closeAll(closers: readonly (() => Promise<unknown>)[], log: Logger): Promise<void> {
  for (const close of closers.toReversed()) {
    await close().catch((error: unknown) => log.error({ err: error }, "Could not shut down cleanly"));
  }
}

function addressOf(server: Server): string {
  const { address, port, family } = server.server.address() as AddressInfo;
  if (address === "0.0.0.0" || address === "::") return `http://localhost:${port}`;
  return `http://${family === "IPv6" ? `[${address}]` : address}:${port}`;
}
