import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { configFrom } from "../../src/platform/config/config.ts";
import { releasesOf } from "../../src/services/releases/releases.ts";

const json = (path: string) => JSON.parse(readFileSync(new URL(path, import.meta.url), "utf8"));

interface Published {
  version: string;
  airflowDatabase: boolean | null;
  [property: string]: unknown;
}
const published: { releases: Published[]; astronomerCertified: { airflowVersionFolders: string[] } } = json(
  "../contract/runtime-releases.json",
);
const builtIn = json("../../src/services/releases/astro_runtime_releases.json");
const { runtime, airflow } = releasesOf(configFrom().deployments);

describe("the built-in versions", () => {
  it("are the published Runtime versions, those for Airflow 3 in a map of their own", () => {
    const names = published.releases.map(({ version }) => version);
    expect(Object.keys(builtIn.runtimeVersions)).toEqual(names.filter((name) => !name.includes("-")));
    expect(Object.keys(builtIn.runtimeVersionsV3)).toEqual(names.filter((name) => name.includes("-")));
    expect(runtime.map(({ version }) => version)).toEqual(names);
  });

  it.each(published.releases)("say of Runtime $version what was published, and nothing else", (release) => {
    const { version, airflowDatabase, seenIn: _, endOfSupportFrom: __, ...properties } = release;
    const { metadata, migrations } = { ...builtIn.runtimeVersions, ...builtIn.runtimeVersionsV3 }[version];
    expect(metadata).toEqual(Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== null)));
    expect(migrations?.airflowDatabase ?? null).toBe(airflowDatabase);
  });

  it("contain all Airflow versions of Astronomer Certified, which no longer get fixes", () => {
    for (const version of published.astronomerCertified.airflowVersionFolders) {
      expect(airflow).toContainEqual(expect.objectContaining({ version, channel: "deprecated" }));
    }
  });
});
