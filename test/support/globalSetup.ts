import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Logger, runMigrations } from "graphile-worker";
import { pino } from "pino";
import type { TestProject } from "vitest/node";
import { startEmbedded } from "../../src/database/embedded.ts";
import { migrate } from "../../src/database/migrate.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** The migrated database that each test database is copied from. Nothing may stay connected to it. */
    templateUrl: string;
  }
}

/** Starts one PostgreSQL for all tests in a temporary folder and migrates the template in it; stops it at the end. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), "houston-test-"));
  const log = pino({ level: "warn" });
  const remove = () => rm(folder, { recursive: true, force: true });
  const server = await startEmbedded({ folder, durable: false, log }).catch(async (error) => {
    await remove();
    throw error;
  });
  const stop = async () => {
    await server.stop();
    await remove();
  };
  try {
    await migrate(server.url, log);
    await runMigrations({ connectionString: server.url, logger: new Logger(() => () => undefined) });
    project.provide("templateUrl", server.url);
    return stop;
  } catch (error) {
    await stop();
    throw error;
  }
}
