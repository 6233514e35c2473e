import { beforeEach, describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";

const { as, build, app } = await testHouston();
const all = await testHouston({ deployments: { enableListAllRuntimeVersions: true, minAstroRuntimeVersion: "5.0.6" } });

/** The built-in file is a snapshot, so that the tests look at it from a day soon after. */
const clock = (day: string) => {
  for (const { services } of [app, all.app]) services.now = () => new Date(`${day}Z`);
};
beforeEach(() => clock("2026-11-28T12:00:00"));

const RELEASES = `query ($airflowVersion: String, $clusterId: Uuid) {
  runtimeReleases(airflowVersion: $airflowVersion, clusterId: $clusterId) { version airflowVersion airflowDatabaseMigrations }
}`;

const versionsOf = (data: { runtimeReleases: { version: string }[] }) => data.runtimeReleases.map((one) => one.version);

describe("runtimeReleases", () => {
  it("returns available versions to every signed-in caller, earliest first", async () => {
    const { data, errors } = await as(await build.user()).send(RELEASES, { airflowVersion: "", clusterId: "" });
    expect(errors).toBeUndefined();
    const [first] = data.runtimeReleases;
    // Nobody outside knows which Airflow it contains.
    expect(first).toEqual({ version: "13.0.0", airflowVersion: null, airflowDatabaseMigrations: true });
    const last = { version: "3.3-8", airflowVersion: "3.3.2", airflowDatabaseMigrations: false };
    expect(data.runtimeReleases.at(-1)).toEqual(last);
    const versions = versionsOf(data);
    expect(versions.slice(versions.indexOf("13.11.0")).slice(0, 2)).toEqual(["13.11.0", "3.0-1"]);
  });

  it("returns those with one Airflow version", async () => {
    const someone = await build.user();
    const { data } = await as(someone).send(RELEASES, { airflowVersion: "2.11.2", clusterId: "anything" });
    expect(versionsOf(data)).toEqual(["13.8.0", "13.10.0", "13.11.0"]);
    const none = await as(someone).send(RELEASES, { airflowVersion: "1.10.15" });
    expect(none.data).toEqual({ runtimeReleases: [] });
  });

  it("includes deprecated versions and omits old ones, as configured", async () => {
    const { data } = await all.as(await all.build.user()).send(RELEASES);
    const versions = versionsOf(data);
    expect(versions.slice(0, 3)).toEqual(["5.0.6", "5.0.7", "5.0.8"]);
    expect(versions).toEqual(expect.arrayContaining(["7.2.0", "12.12.0", "3.3-8"]));
  });

  it("never offers yanked versions", async () => {
    for (const platform of [all, { as, build }]) {
      const versions = versionsOf((await platform.as(await platform.build.user()).send(RELEASES)).data);
      for (const yanked of ["8.0.0", "9.0.0", "13.5.0", "3.1-8", "3.2-1"]) expect(versions).not.toContain(yanked);
    }
  });

  it("omits versions from the day after their end of support", async () => {
    const someone = await build.user();
    const listed = async () => versionsOf((await as(someone).send(RELEASES)).data);
    clock("2027-04-30T23:59:59");
    expect(await listed()).toEqual(expect.arrayContaining(["13.11.0", "3.0-18"]));
    clock("2027-05-01T00:00:00");
    const later = await listed();
    expect(later[0]).toBe("3.1-1");
    expect(versionsOf((await all.as(await all.build.user()).send(RELEASES)).data)).toContain("13.11.0");
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
