import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { casesIn, caseTable, type Figures, figuresIn, isFailure, type TestResult, verdictOf } from "./cases.ts";

const usage = `npm run test:hard -- [--short] [--only F1,L6] [--cases docs/security.md]

Runs the tests of every case in docs/security.md and prints a table: at most 40 minutes on 2 cores.
--short   only test/hard, with shorter durations: at most 10 minutes
--only    only these cases
--cases   another file with the table`;

/** The load that runs for half an hour: first alone, and from its first figures on beside the other cases. */
const LONG = "test/hard/lSteadyLoad.test.ts";
const ALONE_UNTIL = "L1";

const isHard = (file: string) => file.startsWith("test/hard/");

const { values } = parseArgs({
  options: {
    short: { type: "boolean", default: false },
    only: { type: "string" },
    cases: { type: "string", default: "docs/security.md" },
    help: { type: "boolean", default: false },
  },
});
if (values.help) {
  console.log(usage);
  process.exit();
}

const only = values.only?.split(",");
const cases = casesIn(await readFile(values.cases, "utf8")).filter(({ id }) => only?.includes(id) ?? true);
const isRun = (file: string) => isHard(file) || !values.short;
const files = [...new Set(cases.flatMap((one) => one.files))].filter(isRun).toSorted();

const running = new Set<ChildProcess>();
const figures: Figures[] = [];
const folder = await mkdtemp(join(tmpdir(), "houston-hard-"));
const resultsPath = join(folder, "results.jsonl");

/** Runs test files, and resolves when they have ended. `told` is called with the figures they print. */
async function vitest(testFiles: readonly string[], told: (one: Figures) => void = () => undefined): Promise<void> {
  if (testFiles.length === 0) return;
  const child = spawn(
    process.execPath,
    [
      "node_modules/vitest/vitest.mjs",
      "run",
      "--reporter=default",
      "--reporter=./scripts/caseReporter.ts",
      ...testFiles,
    ],
    {
      stdio: ["ignore", "pipe", "inherit"],
      env: {
        ...process.env,
        TEST_RESULTS: resultsPath,
        ...(isHard(testFiles[0] ?? "") && { TEST_HARD: "on" }),
        ...(values.short && { TEST_SHORT: "on" }),
      },
    },
  );
  running.add(child);
  createInterface({ input: child.stdout }).on("line", (line) => {
    console.log(line);
    const found = figuresIn(line);
    if (!found) return;
    figures.push(found);
    told(found);
  });
  await once(child, "close");
  running.delete(child);
}

const interrupt = () => {
  for (const child of running) child.kill("SIGTERM");
};
process.once("SIGINT", interrupt).once("SIGTERM", interrupt);

const begun = performance.now();
try {
  const long = files.filter((file) => file === LONG);
  const alone = Promise.withResolvers<void>();
  const longRun = vitest(long, ({ id }) => id === ALONE_UNTIL && alone.resolve()).finally(alone.resolve);
  await alone.promise;
  await vitest(files.filter((file) => !isHard(file)));
  await vitest(files.filter((file) => isHard(file) && file !== LONG));
  await longRun;
  const text = await readFile(resultsPath, "utf8").catch(() => "");
  const results = text
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as TestResult);
  const verdicts = cases.map((one) => verdictOf(one, { results, figures, isRun }));
  const failed = verdicts.filter(isFailure);
  const minutes = ((performance.now() - begun) / 60_000).toFixed(1);
  console.log(`\n${caseTable(verdicts)}\n\n${verdicts.length} cases, ${failed.length} failed, ${minutes} minutes`);
  if (values.short) console.log("The shortened run prints times and does not require them.");
  process.exitCode = failed.length > 0 ? 1 : 0;
} finally {
  await rm(folder, { recursive: true, force: true });
}
