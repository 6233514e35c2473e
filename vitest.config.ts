import { defineConfig } from "vitest/config";
import { useTemporaryFolder } from "./test/support/temporaryFolder.ts";

useTemporaryFolder();

// `npm run test:tools` runs the tests that need more than Node: bash, curl, jq and openssl; `npm run test:edge` those that
// run a registry, nginx and others; `npm run test:chart` those that run Helm; `npm run test:cluster` those that run a cluster
// of Kubernetes with Flux. Those in test/hard take minutes and use the whole machine.
const kinds = ["tools", "edge", "chart", "cluster"];
const kind = kinds.find((name) => process.env[`TEST_${name.toUpperCase()}`] === "on") ?? "test";
const include = [`test/**/*.${kind}.ts`];
const isHard = process.env.TEST_HARD === "on";
const exclude = isHard ? [] : ["test/hard/**"];

/** Files that replace modules, or measure memory or time: each has a process of its own. The others share two. */
const alone = [
  "test/fastPath/reads.test.ts",
  "test/fastPath/sameAnswers.test.ts",
  "test/websocket/manySockets.test.ts",
  "test/hard/**/*.test.ts",
];

export default defineConfig({
  test: {
    globalSetup: "test/support/globalSetup.ts",
    // One PostgreSQL serves all files, each on a database of its own. The hard ones measure, and would disturb each other; a
    // cluster takes a machine of two cores.
    maxWorkers: isHard || kind === "cluster" ? 1 : 2,
    // A cluster is six programs besides ours.
    retry: kind === "cluster" ? 1 : 0,
    testTimeout: kind === "cluster" ? 600_000 : kind === "test" && !isHard ? 30_000 : 120_000,
    hookTimeout: kind === "cluster" ? 240_000 : 30_000,
    // Other work on the machine may delay what a test waits for.
    expect: { poll: { timeout: 10_000 } },
    // Node loads the modules, as in production.
    experimental: { viteModuleRunner: false },
    projects: [
      { extends: true, test: { name: "shared", isolate: false, include, exclude: [...exclude, ...alone] } },
      ...(kind === "test" ? [{ extends: true as const, test: { name: "alone", include: alone, exclude } }] : []),
    ],
  },
});
