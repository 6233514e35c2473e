import { afterAll } from "vitest";
import type { Config, DeepPartial } from "../../src/platform/config/config.ts";
import { startTestApp } from "./app.ts";
import { createAs } from "./as.ts";
import { createBuild } from "./build.ts";

/**
 * A whole Houston for one test file: its own database, listening on loopback. `as(someone).send(document, variables)`
 * speaks HTTP, `build` makes what a test needs, `db` reads the rows back. Closed after the file's last test.
 */
export async function testHouston(overrides: DeepPartial<Config> = {}) {
  const running = await startTestApp(overrides);
  afterAll(() => running.close());
  return { ...running, as: createAs(running.url), build: createBuild(running.db, running.config) };
}
