import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { ConfigError, configFrom } from "../../src/platform/config/config.ts";
import { compareRuntimeVersions, compareVersions } from "../../src/services/releases/compareVersions.ts";
import { releasesOf } from "../../src/services/releases/releases.ts";

const folder = await mkdtemp(join(tmpdir(), "houston-releases-"));
afterAll(() => rm(folder, { recursive: true, force: true }));

const untold = { level: null, url: null, description: null, releaseDate: "1970-01-01T00:00:00.000Z" };

/** A Runtime version of which nothing else is known. */
const unknown = {
  channel: "stable",
  unsupportedFrom: null,
  yanked: false,
  yankedReason: "",
  releaseDate: "1970-01-01T00:00:00.000Z",
  stellarDatabaseMigrations: false,
};

async function file(name: string, content: unknown) {
  const path = join(folder, name);
  await writeFile(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
}

describe("releasesOf", () => {
  it("reads the built-in versions once, earliest first", () => {
    const { deployments } = configFrom();
    const { runtime, airflow } = releasesOf(deployments);
    expect(runtime.map(({ version }) => version)).toEqual(expect.arrayContaining(["3.0.0", "13.11.0", "3.3-8"]));
    expect([runtime[0]?.version, runtime.at(-1)?.version]).toEqual(["3.0.0", "3.3-8"]);
    expect([airflow[0]?.version, airflow.at(-1)?.version]).toEqual(["1.10.12", "2.11.0"]);
    expect(releasesOf(deployments)).toBe(releasesOf(deployments));
  });

  it("reads an operator's files and ignores other keys", async () => {
    const runtime = {
      runtimeVersions: {
        "10.0.0": { metadata: { airflowVersion: "2.8.0", channel: "stable", releaseDate: "2023-12-18" } },
        "9.0.0": { metadata: { airflowVersion: "2.7.0" }, migrations: { airflowDatabase: "true" } },
        "10.1.0": { metadata: { airflowVersion: "2.8.0", channel: null, yanked: null, endOfSupport: "" } },
        "10.2.0": { metadata: {}, migrations: null },
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
        { version: "9.0.0", airflowVersion: "2.7.0", airflowDatabaseMigrations: true, ...unknown },
        // Without information, a database may change unless Airflow stays the same.
        {
          version: "10.0.0",
          airflowVersion: "2.8.0",
          airflowDatabaseMigrations: true,
          ...unknown,
          releaseDate: "2023-12-18T00:00:00.000Z",
        },
        { version: "10.1.0", airflowVersion: "2.8.0", airflowDatabaseMigrations: false, ...unknown },
        { version: "10.2.0", airflowVersion: null, airflowDatabaseMigrations: true, ...unknown },
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

  it("reads a file in the form of the published feed", async () => {
    const more = {
      LTS: true,
      pythonVersions: ["3.11", "3.12"],
      defaultPythonVersion: "3.12",
      releaseDate: "2026-01-05",
    };
    const lts = { ...more, endOfBasicSupport: "2028-10-30", endOfMaintenance: null };
    const gone = { yanked: true, yankedReason: "Tasks hang" };
    const migrations = { airflowDatabase: true, stellarDatabase: false };
    const feed = {
      schemaVersion: "1.8",
      runtimeVersionsV3: {
        "3.1-2": { metadata: { ...lts, airflowVersion: "3.1.0", channel: "stable", ...gone }, migrations },
        "3.1-10": { metadata: { ...lts, airflowVersion: "3.1.0", channel: "beta", yanked: false }, migrations },
      },
      runtimeVersions: {
        "13.11.0": {
          metadata: {
            ...more,
            airflowVersion: "2.11.2",
            channel: "stable",
            endOfSupport: "2027-04-30",
            yanked: "false",
          },
          migrations: { airflowDatabase: false },
        },
        "4.0.0": {
          metadata: { ...more, airflowVersion: "2.2.0", channel: "deprecated", endOfMaintenance: "2023-09-30" },
        },
      },
    };
    const astroRuntimeReleasesFile = await file("feed.json", feed);
    const { runtime } = releasesOf(configFrom({ deployments: { astroRuntimeReleasesFile } }).deployments);
    const known = { ...unknown, releaseDate: "2026-01-05T00:00:00.000Z" };
    const old = { channel: "deprecated", unsupportedFrom: new Date("2023-10-01") };
    expect(runtime).toEqual([
      { ...known, version: "4.0.0", airflowVersion: "2.2.0", airflowDatabaseMigrations: true, ...old },
      {
        ...known,
        version: "13.11.0",
        airflowVersion: "2.11.2",
        airflowDatabaseMigrations: false,
        unsupportedFrom: new Date("2027-05-01"),
      },
      { ...known, version: "3.1-2", airflowVersion: "3.1.0", airflowDatabaseMigrations: true, ...gone },
      { ...known, version: "3.1-10", airflowVersion: "3.1.0", airflowDatabaseMigrations: true, channel: "beta" },
    ]);
  });

  it("names the setting and the property of an invalid date", async () => {
    const feed = { runtimeVersions: { "9.0.0": { metadata: { endOfSupport: "soon" } } } };
    const astroRuntimeReleasesFile = await file("soon.json", feed);
    const { deployments } = configFrom({ deployments: { astroRuntimeReleasesFile } });
    expect(() => releasesOf(deployments)).toThrow(/astroRuntimeReleasesFile: cannot be used:.*must be a date/s);
    expect(() => releasesOf(deployments)).toThrow(/endOfSupport/);
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

describe("compareRuntimeVersions", () => {
  it.each([
    ["3.1-2", "13.11.0", 1],
    ["3.0.4", "3.0-1", -1],
    ["3.1-2", "3.1-10", -1],
    ["3.2-1", "3.1-21", 1],
    ["9.10.1", "9.9.0", 1],
    ["3.1-2", "3.1-2", 0],
  ])("compares %s and %s", (a, b, sign) => {
    expect(Math.sign(compareRuntimeVersions(a, b))).toBe(sign);
    expect(Math.sign(compareRuntimeVersions(b, a))).toBe(0 - sign);
  });
});
