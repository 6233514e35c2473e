import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";

const { as, build } = await testHouston();

const RELEASES = `query ($airflowVersion: String, $clusterId: Uuid) {
  runtimeReleases(airflowVersion: $airflowVersion, clusterId: $clusterId) { version airflowVersion airflowDatabaseMigrations }
}`;

const versionsOf = (data: { runtimeReleases: { version: string }[] }) => data.runtimeReleases.map((one) => one.version);

describe("runtimeReleases", () => {
  it("returns available versions to every signed-in caller, earliest first", async () => {
    const { data, errors } = await as(await build.user()).send(RELEASES, { airflowVersion: "", clusterId: "" });
    expect(errors).toBeUndefined();
    const [first] = data.runtimeReleases;
    expect(first).toEqual({ version: "6.0.0", airflowVersion: "2.4.0", airflowDatabaseMigrations: true });
    expect(versionsOf(data).at(-1)).toBe("13.1.0");
  });

  it("returns those with one Airflow version", async () => {
    const someone = await build.user();
    const { data } = await as(someone).send(RELEASES, { airflowVersion: "2.5.1", clusterId: "anything" });
    expect(versionsOf(data)).toEqual(["7.2.0", "7.3.0"]);
    const none = await as(someone).send(RELEASES, { airflowVersion: "1.10.15" });
    expect(none.data).toEqual({ runtimeReleases: [] });
  });

  it("includes deprecated versions and omits old ones, as configured", async () => {
    const { as, build } = await testHouston({
      deployments: { enableListAllRuntimeVersions: true, minAstroRuntimeVersion: "5.0.6" },
    });
    const { data } = await as(await build.user()).send(RELEASES);
    expect(versionsOf(data).slice(0, 3)).toEqual(["5.0.6", "5.0.8", "6.0.0"]);
  });

  it("returns an empty list while runtime versions are disabled", async () => {
    const { as, build } = await testHouston({ deployments: { astroRuntimeEnabled: false } });
    const { data } = await as(await build.user()).send(RELEASES);
    expect(data).toEqual({ runtimeReleases: [] });
  });

  it("denies anonymous callers", async () => {
    const { errors } = await as(undefined).send(RELEASES);
    expect(errors).toMatchObject([{ message: "You do not have the appropriate permissions for that" }]);
  });
});
