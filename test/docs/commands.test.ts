import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, expect, it } from "vitest";
import { parse } from "yaml";
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

it("the printed commands work in order: README.md, docs/api.md, docs/first-deployment.md, docs/running.md", async () => {
  const pages = ["README.md", "docs/api.md", "docs/first-deployment.md", "docs/running.md"];
  const script = pages.map(commandsOf).join("\n");
  const { stdout } = await promisify(execFile)("bash", ["-euo", "pipefail", "-c", script], {
    cwd: folder,
    timeout: 25_000,
  });
  expect(stdout.match(/.*"errors".*/g)).toBeNull();
  expect(stdout).toContain("failed as it should");
  expect(stdout).toMatch(/^[0-9a-f]{64}$/m);
  expect(JSON.parse(readFileSync(join(folder, "deployed.json"), "utf8"))).toMatchObject({ current: "1" });
});

it("docs/running.md names settings that exist", () => {
  const names = [...readFileSync("docs/running.md", "utf8").matchAll(/^([A-Z_]+)=/gm)].map(([, name = ""]) => name);
  const table = readFileSync("docs/first-deployment.md", "utf8");
  names.push(...[...table.matchAll(/`([A-Z]+__?[A-Z_]+)=\w+(?: npm start)?`/g)].map(([, name = ""]) => name));
  const known = readFileSync("docs/configuration.md", "utf8");
  expect(names.length).toBeGreaterThan(8);
  expect(names.filter((name) => !known.includes(`\`${name}\``))).toEqual([]);
});

it("docker-compose.yml sets the secrets that a database of its own requires", () => {
  const { services } = parse(readFileSync("docker-compose.yml", "utf8"));
  expect(services.houston.environment).toMatchObject({
    DATABASE_URL: expect.any(String),
    JWT__SECRET: expect.any(String),
    ENCRYPTION__KEYS: expect.any(String),
  });
});
