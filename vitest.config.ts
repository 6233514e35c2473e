import { createRequire } from "node:module";
import { defineConfig } from "vitest/config";
import { useTemporaryFolder } from "./test/support/temporaryFolder.ts";

const resolve = createRequire(import.meta.url).resolve;

useTemporaryFolder();

export default defineConfig({
  // Vite would pick graphql's second build for our files and leave Apollo on the first: two copies refuse each other.
  resolve: { alias: [{ find: /^graphql$/, replacement: resolve("graphql") }] },
  test: {
    // `npm run test:tools` runs the tests that need more than Node: bash, curl, jq and openssl.
    include: [process.env.TEST_TOOLS === "on" ? "test/**/*.tools.ts" : "test/**/*.test.ts"],
    globalSetup: "test/support/globalSetup.ts",
    // One PostgreSQL serves all files, each on a database of its own.
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // Other work on the machine may delay what a test waits for.
    expect: { poll: { timeout: 10_000 } },
  },
});
