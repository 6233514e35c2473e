import { afterAll } from "vitest";
import type { Config, DeepPartial } from "../../src/platform/config/config.ts";
import { startTestApp, type TestApp } from "./app.ts";
import { createAs } from "./as.ts";
import { createBuild } from "./build.ts";

/**
 * Registers the task of a provisioner, as its worker does when it starts: only then do changes of Deployments add jobs.
 */
export const startProvisioner = ({ db }: Pick<TestApp, "db">) =>
  db.$executeRaw`INSERT INTO graphile_worker._private_tasks (identifier) VALUES ('provisionDeployment')`;

/**
 * Starts Houston for a test file, with its own database and on loopback, until the file's last test.
 * `as(someone).send(document, variables)` sends an HTTP request, `build` creates rows, and `db` reads them.
 */
export async function testHouston(overrides: DeepPartial<Config> = {}) {
  const running = await startTestApp(overrides);
  afterAll(() => running.close());
  await startProvisioner(running);
  return { ...running, as: createAs(running.url), build: createBuild(running.db, running.config) };
}
