import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { ConfigError, configFrom } from "../../src/platform/config/config.ts";
import { compareVersions } from "../../src/services/releases/compareVersions.ts";
import { releasesOf } from "../../src/services/releases/releases.ts";

const folder = await mkdtemp(join(tmpdir(), "houston-releases-"));
afterAll(() => rm(folder, { recursive: true, force: true }));

const untold = { level: null, url: null, description: null, releaseDate: "1970-01-01T00:00:00.000Z" };

async function file(name: string, content: unknown) {
  const path = join(folder, name);
  await writeFile(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
}

describe("releasesOf", () => {
  it("reads the built-in versions once, earliest first", () => {
    const { deployments } = configFrom();
    const { runtime, airflow } = releasesOf(deployments);
    expect(runtime.length).toBeGreaterThanOrEqual(20);
    expect(runtime[0]).toEqual({
      version: "4.2.5",
      airflowVersion: "2.2.5",
      channel: "deprecated",
      airflowDatabaseMigrations: true,
    });
    expect(runtime.find(({ version }) => version === "7.2.0")).toMatchObject({ airflowVersion: "2.5.1" });
    const known = new Set(airflow.map(({ version }) => version));
    for (const { airflowVersion } of runtime) expect(known).toContain(airflowVersion);
    expect(releasesOf(deployments)).toBe(releasesOf(deployments));
  });

  it("reads an operator's files and ignores other keys", async () => {
    const runtime = {
      runtimeVersions: {
        "10.0.0": { metadata: { airflowVersion: "2.8.0", channel: "stable", releaseDate: "2023-12-18" } },
        "9.0.0": { metadata: { airflowVersion: "2.7.0" }, migrations: { airflowDatabase: "true" } },
      },
      more: {},
    };
    const details = { level: "bug_fix", url: "https://example.com", description: "", releaseDate: "2021-02-03" };
    const airflow = {
      available_releases: [
        { version: "2.0.0-1", tags: ["x"], more: 1 },
        { version: "2.0.0", ...details },
      ],
    };
    const { deployments } = configFrom({
      deployments: {
        astroRuntimeReleasesFile: await file("runtime.json", runtime),
        airflowReleasesFile: await file("airflow.json", airflow),
      },
    });
    expect(releasesOf(deployments)).toEqual({
      runtime: [
        { version: "9.0.0", airflowVersion: "2.7.0", channel: "stable", airflowDatabaseMigrations: true },
        { version: "10.0.0", airflowVersion: "2.8.0", channel: "stable", airflowDatabaseMigrations: false },
      ],
      airflow: [
        {
          version: "2.0.0",
          channel: "stable",
          tags: [],
          ...details,
          description: null,
          releaseDate: "2021-02-03T00:00:00.000Z",
        },
        { version: "2.0.0-1", channel: "stable", tags: ["x"], ...untold },
      ],
    });
  });

  it.each([
    ["not JSON", "{"],
    ["something else", { versions: [] }],
  ])("names the setting of a file that contains %s", async (name, content) => {
    const { deployments } = configFrom({ deployments: { airflowReleasesFile: await file(`${name}.json`, content) } });
    expect(() => releasesOf(deployments)).toThrow(ConfigError);
    expect(() => releasesOf(deployments)).toThrow(/deployments\.airflowReleasesFile: cannot be used/);
  });

  it("names the setting of a missing file", () => {
    const { deployments } = configFrom({ deployments: { astroRuntimeReleasesFile: join(folder, "none.json") } });
    expect(() => releasesOf(deployments)).toThrow(/deployments\.astroRuntimeReleasesFile: cannot be used: ENOENT/);
  });
});

describe("compareVersions", () => {
  it.each([
    ["2.9.3", "2.10.0", -1],
    ["10.0.0", "9.10.0", 1],
    ["2.0.0", "2.0.0-1", -1],
    ["7.2.0", "7.2.0", 0],
  ])("compares %s and %s", (a, b, sign) => {
    expect(Math.sign(compareVersions(a, b))).toBe(sign);
  });
});
