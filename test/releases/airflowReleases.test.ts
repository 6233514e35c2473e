import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";

const { as, build } = await testHouston();

const folder = mkdtempSync(join(tmpdir(), "houston-airflow-"));
afterAll(() => rmSync(folder, { recursive: true }));

const RELEASES = "{ airflowReleases { tag version url level description releaseDate channel } }";

describe("airflowReleases", () => {
  it("returns all versions to every signed-in caller, earliest first", async () => {
    const { data, errors } = await as(await build.user()).send(RELEASES);
    expect(errors).toBeUndefined();
    expect(data.airflowReleases[0]).toMatchObject({ version: "1.10.12", channel: "deprecated" });
    expect(data.airflowReleases).toContainEqual({
      tag: "2.2.0-buster-onbuild",
      version: "2.2.0",
      url: null,
      level: null,
      description: null,
      releaseDate: "2021-10-11T00:00:00.000Z",
      channel: "deprecated",
    });
    expect(data.airflowReleases.at(-1)).toMatchObject({ version: "2.11.0", channel: "stable" });
  });

  it("returns an operator's file, with one entry per tag", async () => {
    const file = join(folder, "airflow.json");
    const details = { level: "bug_fix", url: "https://example.com/2.9.3", description: "Fixes" };
    const version = { version: "2.9.3", tags: ["2.9.3-a", "2.9.3-b"], releaseDate: "2024-07-15T10:00:00Z", ...details };
    writeFileSync(file, JSON.stringify({ available_releases: [version, { version: "2.8.0" }] }));
    const { as, build } = await testHouston({
      deployments: { airflowReleasesFile: file, defaultDistribution: "rocky" },
    });
    const { data } = await as(await build.user()).send(RELEASES);
    const common = { version: "2.9.3", ...details, releaseDate: "2024-07-15T10:00:00.000Z", channel: "stable" };
    expect(data.airflowReleases).toEqual([
      expect.objectContaining({ tag: "2.8.0-rocky-onbuild", releaseDate: "1970-01-01T00:00:00.000Z" }),
      { tag: "2.9.3-a", ...common },
      { tag: "2.9.3-b", ...common },
    ]);
  });

  it("denies anonymous callers", async () => {
    const { errors } = await as(undefined).send(RELEASES);
    expect(errors).toMatchObject([{ extensions: { code: "UNAUTHENTICATED" } }]);
  });
});
