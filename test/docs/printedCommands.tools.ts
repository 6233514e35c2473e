import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";

const { url } = await testHouston({ deployments: { enableUpdateDeploymentImageEndpoint: true } });

const folder = mkdtempSync(join(tmpdir(), "houston-docs-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** The commands that a page prints, without those of npm, for the Houston of this test. */
const commandsOf = (page: string) =>
  [...readFileSync(page, "utf8").matchAll(/^```sh\n(.*?)^```/gms)]
    .map(([, block = ""]) => block)
    .filter((block) => !block.startsWith("npm "))
    .join("\n")
    .replaceAll("http://localhost:8871", url);

const names = ["platform-api", "alpha-api", "api", "first-deployment", "running"];
const pages = ["README.md", ...names.map((name) => `docs/${name}.md`)];

it(`the printed commands work in order: ${pages.join(", ")}`, async () => {
  const script = pages.map(commandsOf).join("\n");
  const { stdout } = await promisify(execFile)("bash", ["-euo", "pipefail", "-c", script], {
    cwd: folder,
    timeout: 60_000,
  });
  expect(stdout.match(/.*"errors".*/g)).toBeNull();
  expect(stdout).toContain("failed as it should");
  expect(stdout).toContain(
    '"name: must be a string of 1 to 50 characters"\n"colour: is not a known field"\n204\n404\n',
  );
  expect(stdout).toMatch(/^[0-9a-f]{64}$/m);
  expect(JSON.parse(readFileSync(join(folder, "deployed.json"), "utf8"))).toMatchObject({ current: "1" });
});
