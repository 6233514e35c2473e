import type { AddressInfo } from "node:net";
import type { GraphQLSchema } from "graphql";
import type { Logger } from "pino";
import { createLastUsed } from "./auth/lastUsed.ts";
import { createRoles } from "./auth/roles.ts";
import { createSharedSettler } from "./auth/settler.ts";
import { type Config, ensureSecrets } from "./config.ts";
import type { Services } from "./context.ts";
import { connect } from "./database/connect.ts";
import { startEmbedded } from "./database/embedded.ts";
import { migrate } from "./database/migrate.ts";
import { createListening } from "./events/listen.ts";
import { createRightsEvents } from "./events/rightsEvents.ts";
import { createStatusEvents } from "./events/statusEvents.ts";
import { addGraphqlRoutes } from "./graphql/addGraphqlRoutes.ts";
import { createApollo } from "./graphql/createApollo.ts";
import { createWholeAnswers } from "./graphql/wholeAnswers.ts";
import { addCors } from "./http/addCors.ts";
import { addLogoutRoute } from "./http/addLogoutRoute.ts";
import { closeServer } from "./http/closeServer.ts";
import { createServer, type Server } from "./http/createServer.ts";
import { under } from "./http/under.ts";
import { migrateJobs } from "./jobs/migrateJobs.ts";
import { startWorker } from "./jobs/worker.ts";
import { sendMail } from "./mail/sendMail.ts";
import { addHealthRoutes } from "./operations/addHealthRoutes.ts";
import { createOperationsServer } from "./operations/createOperationsServer.ts";
import { createLog } from "./operations/log.ts";
import { createMetrics } from "./operations/metrics.ts";
import { createReadiness, type Readiness } from "./operations/readiness.ts";
import { addPlayground } from "./playground/addPlayground.ts";
import { releasesOf } from "./releases/releases.ts";
import { platformReleases } from "./releases/updateAvailable.ts";
import { createSchema } from "./schema.ts";
import { secretBox } from "./secrets.ts";
import { addSubscriptions, type SocketCounts } from "./subscriptions/addSubscriptions.ts";
import { createOperations } from "./subscriptions/operations.ts";

/** A whole Houston. */
export interface App {
  fastify: Server;
  /** Its `config` holds the secrets that were not configured too. */
  services: Services;
  readiness: Readiness;
  /** What is open at `webserver.subscriptions`. */
  sockets(): SocketCounts;
  /** Opens both ports and answers where they are. Throws when one is taken. */
  listen(): Promise<{ url: string; operationsUrl: string }>;
  /** Finishes requests and jobs under way, then closes everything it opened. May be called more than once. */
  close(): Promise<void>;
}

/** Jobs at the same time in one process. They share the pool with the requests. */
const JOBS = 2;

/** The part of `webserver.drainTimeout` that requests and jobs may use; the rest is for closing the database. */
const DRAIN_SHARE = 0.8;

/**
 * Puts everything together: secrets, database (the embedded one unless `database.url` is set), migrations, background jobs,
 * GraphQL and routes. Listens nowhere yet. Throws when the database cannot be reached or migrated; nothing stays open then.
 */
export async function createApp(settings: Config, given: { log?: Logger; schema?: GraphQLSchema } = {}): Promise<App> {
  const log = given.log ?? createLog(settings);
  const { config, warnings } = await ensureSecrets(settings);
  for (const warning of warnings) log.warn(warning);
  // Read now, so that a bad release file stops the start.
  releasesOf(config.deployments);
  platformReleases(config);
  const schema = given.schema ?? createSchema();
  const drain = config.webserver.drainTimeout * DRAIN_SHARE;
  const closers: (() => Promise<unknown>)[] = [];
  let closing: Promise<void> | undefined;
  const close = () => {
    closing ??= closeAll(closers, log);
    return closing;
  };

  try {
    let operations: Server | undefined;
    // Closed last: probes want an answer until the end.
    closers.push(async () => operations?.close());
    const url = config.database.url ?? (await embedded(config, log, closers));
    const { pool, lanes, writeLanes, db, close: disconnect } = connect(url, config.database.pool, log);
    closers.push(disconnect);
    const readiness = createReadiness(pool);
    await migrate(url, log);
    await migrateJobs(pool, log);
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
    const sharedSettler = createSharedSettler(pool);
    const services: Services = {
      config,
      db,
      pool,
      lanes,
      writeLanes,
      roles,
      sharedSettler,
      secrets,
      lastUsed,
      statusEvents,
      rightsEvents,
      log,
      now,
    };

    const mail = sendMail({ email: config.email, dataFolder: config.database.dataFolder, secrets, log });
    const worker = await startWorker({ pool, tasks: { sendMail: mail }, concurrency: JOBS, log, stopTimeout: drain });
    const metrics = createMetrics(pool);
    const wholeAnswers = createWholeAnswers(schema);
    const apollo = await createApollo({ schema, config, log, count: metrics.count, wholeAnswers });
    const { endpoint, playground, subscriptions } = config.webserver;
    const fastify = await createServer(config.webserver, log, `GraphQL takes POST requests at ${endpoint}`);
    closers.push(async () => {
      await Promise.all([closeServer(fastify, drain).then(() => apollo.stop()), worker.stop()]);
    });
    await addCors(fastify, config);
    metrics.measure(fastify);
    // Clients that keep connections open are sent elsewhere while there is time.
    fastify.addHook("onRequest", (_request, reply, done) => {
      if (readiness.draining) reply.header("connection", "close");
      done();
    });
    addHealthRoutes(fastify, readiness, [under(endpoint, "healthz")]);
    const page = playground ? await addPlayground(fastify, endpoint, subscriptions) : undefined;
    addGraphqlRoutes(fastify, services, apollo, { wholeAnswers, count: metrics.count }, page);
    addLogoutRoute(fastify, services);
    const sockets = addSubscriptions(fastify, {
      schema,
      config,
      operations: createOperations({ schema, apollo, services, count: metrics.count }),
      draining: () => readiness.draining,
    });
    metrics.watchSockets(sockets);
    operations = await createOperationsServer(config.webserver, { readiness, metrics, log });

    const second = operations;
    const listen = async () => {
      const { host, port, operationsPort } = config.webserver;
      await second.listen({ host, port: operationsPort });
      await fastify.listen({ host, port });
      return { url: addressOf(fastify), operationsUrl: addressOf(second) };
    };
    return { fastify, services, readiness, sockets, listen, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function embedded(config: Config, log: Logger, closers: (() => Promise<unknown>)[]): Promise<string> {
  const database = await startEmbedded({ folder: config.database.dataFolder, log });
  closers.push(() => database.stop());
  return database.url;
}

/** In the opposite order of opening. One that fails must not keep the others open. */
async function closeAll(closers: readonly (() => Promise<unknown>)[], log: Logger): Promise<void> {
  for (const close of closers.toReversed()) {
    await close().catch((error: unknown) => log.error({ err: error }, "could not close in order"));
  }
}

function addressOf(server: Server): string {
  const { address, port, family } = server.server.address() as AddressInfo;
  if (address === "0.0.0.0" || address === "::") return `http://localhost:${port}`;
  return `http://${family === "IPv6" ? `[${address}]` : address}:${port}`;
}
