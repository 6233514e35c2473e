import type { AddressInfo } from "node:net";
import type { GraphQLSchema } from "graphql";
import type { Logger } from "pino";
import { createSharedCallerLoader } from "./access/callerLoader.ts";
import type { Services } from "./access/context.ts";
import { createLastUsed } from "./access/lastUsed.ts";
import { createRoles } from "./access/roles.ts";
import { addGraphqlRoutes } from "./api/graphql/addGraphqlRoutes.ts";
import { createApollo } from "./api/graphql/createApollo.ts";
import { createSchema } from "./api/graphql/createSchema.ts";
import { addHealthRoutes } from "./api/health/addHealthRoutes.ts";
import { createOperationsServer } from "./api/health/createOperationsServer.ts";
import { createMetrics } from "./api/health/processMetrics.ts";
import { createReadiness, type Readiness } from "./api/health/readiness.ts";
import { addCors } from "./api/http/addCors.ts";
import { addHomeRoute } from "./api/http/addHomeRoute.ts";
import { addLogoutRoute } from "./api/http/addLogoutRoute.ts";
import { closeServer } from "./api/http/closeServer.ts";
import { createServer, type Server } from "./api/http/createServer.ts";
import { infoPages } from "./api/http/infoPages.ts";
import { joinPath } from "./api/http/joinPath.ts";
import { stopAccepting } from "./api/http/stopAccepting.ts";
import { addPlayground } from "./api/playground/addPlayground.ts";
import { addRestRoutes } from "./api/rest/addRestRoutes.ts";
import { addWebsocket, type SocketCounts } from "./api/websocket/addWebsocket.ts";
import { createExecutor } from "./api/websocket/executor.ts";
import { fastPathConnections, installFastPath } from "./fastPath/installFastPath.ts";
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
import { sendMail } from "./platform/mail/sendMail.ts";
import { checkKeys } from "./platform/secrets/checkKeys.ts";
import { secretBox } from "./platform/secrets/secretBox.ts";
import { scheduledJobs } from "./services/jobs/scheduledJobs.ts";
import { nouns } from "./services/nouns.ts";
import { releasesOf } from "./services/releases/releases.ts";
import { platformReleases } from "./services/releases/updateAvailable.ts";

/** A complete Houston server. */
export interface App {
  fastify: Server;
  /** Its `config` includes the generated secrets that were not configured. */
  services: Services;
  readiness: Readiness;
  /** Counts of the open WebSockets at `webserver.subscriptions`. */
  sockets(): SocketCounts;
  /** Opens both ports and returns their URLs. Throws if a port is in use. */
  listen(): Promise<{ url: string; operationsUrl: string }>;
  /**
   * Closes the port of the API and answers what clients have already sent. Only while `readiness.draining`, before
   * `close`.
   */
  stopAccepting(): Promise<void>;
  /** Finishes running requests and jobs, then closes everything it opened. May be called more than once. */
  close(): Promise<void>;
}

/** Maximum number of concurrent jobs in one process. They share the pool with the requests. */
const MAX_CONCURRENT_JOBS = 2;

/** The share of `webserver.drainTimeout` that requests and jobs may use; the rest is for closing the database. */
const DRAIN_SHARE = 0.8;

/**
 * Assembles the server: secrets, database (the embedded one unless `database.url` is set), migrations, background jobs,
 * GraphQL and routes. Does not listen yet. Throws if the database cannot be reached or migrated; nothing stays open
 * then.
 */
export async function createApp(settings: Config, given: { log?: Logger; schema?: GraphQLSchema } = {}): Promise<App> {
  const log = given.log ?? createLog(settings);
  const config = await ensureSecrets(settings);
  // Loaded now, so that an invalid release file prevents the start.
  releasesOf(config.deployments);
  platformReleases(config);
  const schema = given.schema ?? createSchema(nouns);
  const drain = config.webserver.drainTimeout * DRAIN_SHARE;
  const closers: (() => Promise<unknown>)[] = [];
  let closing: Promise<void> | undefined;
  const close = () => {
    closing ??= closeAll(closers, log);
    return closing;
  };

  try {
    let operations: Server | undefined;
    // Closed last, so that probes get a response until the end.
    closers.push(async () => operations?.close());
    const url = config.database.url ?? (await startEmbeddedDatabase(config, log, closers));
    const reserved = config.fastPath.enabled ? fastPathConnections(config.database.pool) : 0;
    const poolSettings = { ...config.database.pool, max: config.database.pool.max - reserved };
    const { pool, db, close: disconnect } = connect(url, poolSettings, log);
    closers.push(disconnect);
    const readiness = createReadiness(pool);
    await migrate(url, log);
    await migrateJobs(pool, log);
    await checkKeys(pool, config.encryption.keys);
    readiness.migrated = true;

    const lastUsed = createLastUsed(pool, log);
    closers.push(() => lastUsed.stop());
    const secrets = secretBox(config.encryption.keys);
    const roles = createRoles(config.roles);
    const listening = createListening(url, log);
    closers.push(() => listening.stop());
    const statusEvents = createStatusEvents(listening, pool, log);
    const rightsEvents = createRightsEvents(listening);
    const now = () => new Date();
    const sharedCallerLoader = createSharedCallerLoader(pool);
    const services: Services = {
      config,
      db,
      pool,
      roles,
      sharedCallerLoader,
      secrets,
      lastUsed,
      statusEvents,
      rightsEvents,
      log,
      now,
    };

    const mail = sendMail({
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
      tasks: { sendMail: mail, ...tasks },
      schedule,
      concurrency: MAX_CONCURRENT_JOBS,
      log,
      stopTimeout: drain,
    });
    const metrics = createMetrics(pool);
    const apollo = createApollo({ schema, config, log, count: metrics.count });
    const { endpoint, playground, subscriptions } = config.webserver;
    const { notFound, home } = infoPages(config);
    const hint = `GraphQL accepts POST requests at ${endpoint}`;
    const fastify = await createServer(config.webserver, log, hint, notFound);
    const fastPath = config.fastPath.enabled
      ? installFastPath({ fastify, apollo, schema, services, databaseUrl: url, count: metrics.count })
      : undefined;
    if (fastPath) closers.push(() => fastPath.close());
    await apollo.start();
    closers.push(async () => {
      await Promise.all([closeServer(fastify, drain).then(() => apollo.stop()), worker.stop()]);
    });
    await addCors(fastify, config);
    metrics.measure(fastify);
    // While draining, asks clients to close keep-alive connections, so that they reconnect to another replica in time.
    fastify.addHook("onSend", (_request, reply, _payload, done) => {
      if (readiness.draining) reply.header("connection", "close");
      done();
    });
    addHealthRoutes(fastify, readiness, [joinPath(endpoint, "healthz")]);
    const page = playground ? await addPlayground(fastify, endpoint, subscriptions) : undefined;
    addGraphqlRoutes(fastify, services, apollo, page);
    addLogoutRoute(fastify, services);
    await addRestRoutes(fastify, services, fastPath);
    addHomeRoute(fastify, config, home);
    const sockets = addWebsocket(fastify, {
      schema,
      config,
      executor: createExecutor({ schema, apollo, services, count: metrics.count }),
    });
    metrics.watchSockets(sockets);
    operations = await createOperationsServer(config.webserver, { readiness, metrics, log });

    const operationsServer = operations;
    const listen = async () => {
      const { host, port, operationsPort } = config.webserver;
      await operationsServer.listen({ host, port: operationsPort });
      await fastify.listen({ host, port });
      return { url: addressOf(fastify), operationsUrl: addressOf(operationsServer) };
    };
    return { fastify, services, readiness, sockets, listen, stopAccepting: () => stopAccepting(fastify), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function startEmbeddedDatabase(
  config: Config,
  log: Logger,
  closers: (() => Promise<unknown>)[],
): Promise<string> {
  const database = await startEmbedded({ folder: config.database.dataFolder, log });
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
