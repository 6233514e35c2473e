import { afterAll, onTestFinished, TestRunner } from "vitest";
import type { Config, DeepPartial } from "../../src/platform/config/config.ts";
import { startTestApp, type TestApp } from "./app.ts";
import { createAs } from "./as.ts";
import { createBuild } from "./build.ts";

/**
 * Registers the task of a provisioner, as its worker does when it starts: only then do changes of Deployments add jobs.
 */
export const startProvisioner = ({ db }: Pick<TestApp, "db">) =>
  db.$executeRaw`INSERT INTO graphile_worker._private_tasks (identifier) VALUES ('provisionDeployment')
    ON CONFLICT DO NOTHING`;

/**
 * Starts Houston with its own database and on loopback, until the end of the file, or of the test that starts it.
 * `as(someone).send(document, variables)` sends an HTTP request, `build` creates rows, and `db` reads them.
 */
export async function testHouston(overrides: DeepPartial<Config> = {}) {
  const running = await startTestApp(overrides);
  const atEnd = TestRunner.getCurrentTest() ? onTestFinished : afterAll;
  atEnd(() => running.close());
  await startProvisioner(running);
  return { ...running, as: createAs(running.url), build: createBuild(running.db, running.config) };
}
