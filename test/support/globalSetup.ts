import { Logger, runMigrations } from "graphile-worker";
import { pino } from "pino";
import type { TestProject } from "vitest/node";
import { migrate } from "../../src/platform/database/migrate.ts";
import { withTemporaryPostgres } from "./temporaryPostgres.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** The migrated database that each test database is copied from. No client may stay connected to it. */
    templateUrl: string;
  }
}

/** Starts one PostgreSQL for all tests in a temporary folder and migrates the template in it; stops it at the end. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const log = pino({ level: "warn" });
  return withTemporaryPostgres(log, { durable: false }, async ({ url, stop }) => {
    await migrate(url, log);
    await runMigrations({ connectionString: url, logger: new Logger(() => () => undefined) });
    project.provide("templateUrl", url);
    return stop;
  });
}
