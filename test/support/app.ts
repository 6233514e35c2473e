import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { GraphQLSchema } from "graphql";
import { type Logger, pino } from "pino";
import { type App, createApp } from "../../src/app.ts";
import type { PrismaClient } from "../../src/generated/prisma/client.ts";
import { type Config, configFrom, type DeepPartial } from "../../src/platform/config/config.ts";
import { createTestDatabase, type TestDatabase } from "./db.ts";

/** `npm run test:apollo` runs the suite without the fast path. Tests of the fast path itself always turn it on. */
export const fastPathEnabled = process.env.TEST_FAST_PATH !== "off";

/** 32 bytes in hex: the secret that signs tokens and the key that encrypts, where a test does not set its own. */
export const testSecret = randomBytes(32).toString("hex");

/** No test signs in this often from one address. Those of the limits set their own. */
const manyAttempts = {
  attemptsPerAddress: 1_000_000,
  failuresPerAccount: 1_000_000,
  maxFailures: 1_000_000,
  mailsPerRecipient: 1_000_000,
  mailsPerAddress: 1_000_000,
  invitationsPerSender: 1_000_000,
};

/** A running Houston. */
export interface TestApp {
  /** The address of the main port, without the endpoint: `http://127.0.0.1:12345`. */
  url: string;
  operationsUrl: string;
  app: App;
  config: Config;
  db: PrismaClient;
  /** Its database. A test may drop it to see what Houston does without one. */
  database: TestDatabase;
  /** Stops it and drops its database. */
  close(): Promise<void>;
}

/**
 * Starts Houston on a new database, with both ports on loopback. `given.schema` and `given.alphaSchema` replace the
 * schemas, for tests of the transport; `given.log` replaces the log, which contains fatal errors only by default; `given.database` is used
 * instead of a new database, and dropped too.
 */
export async function startTestApp(
  overrides: DeepPartial<Config> = {},
  {
    database: own,
    ...given
  }: { schema?: GraphQLSchema; alphaSchema?: GraphQLSchema; log?: Logger; database?: TestDatabase } = {},
): Promise<TestApp> {
  const database = own ?? (await createTestDatabase());
  const dataFolder = await mkdtemp(join(tmpdir(), "houston-test-app-"));
  const config = configFrom({
    ...overrides,
    // At the full hour, it would change the clusters of whatever test is running.
    syncDataplaneClusters: { enabled: false, ...overrides.syncDataplaneClusters },
    // Tests of the audit log seal when they want to.
    audit: { sealInterval: 3_600_000, ...overrides.audit },
    jwt: { secret: testSecret, ...overrides.jwt },
    auth: {
      ...overrides.auth,
      local: { ...overrides.auth?.local, limits: { ...manyAttempts, ...overrides.auth?.local?.limits } },
    },
    encryption: { keys: [testSecret], ...overrides.encryption },
    fastPath: { enabled: fastPathEnabled, ...overrides.fastPath },
    database: { dataFolder, ...overrides.database, url: database.url },
    // A test may be late for many reasons.
    webserver: {
      maxMeanTime: 60_000,
      maxEventLoopDelay: 60_000,
      ...overrides.webserver,
      host: "127.0.0.1",
      port: 0,
      operationsPort: 0,
    },
  });
  const app = await createApp(config, { log: pino({ level: "fatal" }), ...given });
  const { url, operationsUrl } = await app.listen();
  return {
    url,
    operationsUrl,
    app,
    config: app.services.config,
    db: app.services.db,
    database,
    async close() {
      await app.close();
      await database.drop();
      await rm(dataFolder, { recursive: true, force: true });
    },
  };
}
