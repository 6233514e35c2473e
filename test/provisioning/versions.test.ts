import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { addAllJobs } from "../../src/services/provisioning/jobs/addAllJobs.ts";
import { CREATE, provisionedHouston } from "../support/provisioned.ts";
import { onAirflow } from "../support/versions.ts";

const runtimeFile = join(mkdtempSync(join(tmpdir(), "houston-runtime-")), "runtime.json");
const stable = (airflowVersion?: string) => ({ metadata: { airflowVersion, channel: "stable" } });
const runtimeVersions = {
  "12.1.0": stable("2.10.5"),
  "13.0.0": stable("2.11.1"),
  "13.1.0": stable(),
  "3.0-1": stable(),
};
writeFileSync(runtimeFile, JSON.stringify({ runtimeVersions }));

const deployments = {
  astroRuntimeReleasesFile: runtimeFile,
  ...{ minAstroRuntimeVersion: "12.0.0", upsertDeploymentEnabled: true, enableUpdateDeploymentImageEndpoint: true },
};
const platforms = {
  apache: await provisionedHouston({ deployments }),
  astronomer: await provisionedHouston({ deployments, flux: { profile: "astronomer" } }),
  airflowOnly: await provisionedHouston({ deployments: { ...deployments, astroRuntimeEnabled: false } }),
};
const { owner, workspace, create, build, as, db, settled } = platforms.apache;

const UPSERT = `mutation ($workspaceUuid: Uuid!, $label: String!, $runtimeVersion: String) {
  upsertDeployment(workspaceUuid: $workspaceUuid, label: $label, runtimeVersion: $runtimeVersion) {
    runtimeVersion runtimeAirflowVersion airflowVersion
  }
}`;
const LISTS = `{
  runtimeReleases { version }
  airflowReleases { version }
  deploymentConfig { airflowVersions defaultAirflowImageTag }
}`;

const TOO_EARLY = "cannot run: the chart needs Airflow 2.11 or later";
const NOT_KNOWN =
  /^runtimeVersion: Which Airflow version Runtime 13.1.0 contains is not known: choose another version, or/;

describe("a version that the chart cannot run", () => {
  const upsert = (label: string, runtimeVersion?: string) =>
    owner.send(UPSERT, { workspaceUuid: workspace.id, label, runtimeVersion });

  it("is refused for a new Deployment, of which nothing is left", async () => {
    const variables = { workspaceUuid: workspace.id, label: "Early", airflowVersion: "2.10.5" };
    const { errors } = await owner.send(CREATE, variables);
    expect(errors).toEqual([
      expect.objectContaining({
        message: `airflowVersion: Airflow 2.10.5 ${TOO_EARLY}`,
        extensions: expect.objectContaining({ code: "BAD_USER_INPUT" }),
      }),
    ]);
    expect((await upsert("Early", "12.1.0")).errors?.[0]?.message).toBe(
      `runtimeVersion: Airflow 2.10.5, which Runtime 12.1.0 contains, ${TOO_EARLY}`,
    );
    expect((await upsert("Early", "13.1.0")).errors?.[0]?.message).toMatch(NOT_KNOWN);
    expect(await db.deployment.count({ where: { label: "Early" } })).toBe(0);
  });

  it("is refused as an upgrade and with an image, and the Deployment stays as it is", async () => {
    const made = await create();
    const before = await platforms.apache.applied(made);
    for (const [document, argument] of [
      [
        `mutation ($id: Uuid!, $version: String!) {
        updateDeploymentRuntime(deploymentUuid: $id, desiredRuntimeVersion: $version) { id }
      }`,
        "desiredRuntimeVersion",
      ],
      [
        `mutation ($name: String!, $version: String!) {
        updateDeploymentImage(releaseName: $name, image: "registry.example.com/own:2", runtimeVersion: $version) { id }
      }`,
        "runtimeVersion",
      ],
    ] as const) {
      const { errors } = await owner.send(document, { id: made.id, name: made.releaseName, version: "13.1.0" });
      expect(errors?.[0]?.message).toContain(`${argument}: Which Airflow version Runtime 13.1.0 contains is not known`);
    }
    expect(await db.deployment.findUniqueOrThrow({ where: { id: made.id } })).toEqual(before);
  });

  it("does not block other changes of a Deployment that has it", async () => {
    const { deployment, admin } = await build.deployment(onAirflow("2.10.5"));
    const UPDATE = `mutation ($id: Uuid!) {
      upsertDeployment(deploymentUuid: $id, label: "Renamed", airflowVersion: "2.10.5") { label }
    }`;
    const { data, errors } = await as(admin).send(UPDATE, { id: deployment.id });
    expect(errors).toBeUndefined();
    expect(data.upsertDeployment.label).toBe("Renamed");
    await settled();
  });

  it("is not named instead of an unknown one", async () => {
    const { errors } = await upsert("Unknown", "9.9.9");
    expect(errors?.[0]?.message).toBe("runtimeVersion: unknown version 9.9.9; the latest are 13.0.0");
  });

  it("can be stored for a Deployment that Houston does not run", async () => {
    const UPGRADE = `mutation ($id: Uuid!) {
      updateDeploymentAirflow(deploymentUuid: $id, desiredAirflowVersion: "2.10.5") { desiredAirflowVersion }
    }`;
    for (const unmanaged of [{ adoptedAt: new Date(), adoption: {} }, { mode: "operator" as const }]) {
      const { deployment, admin } = await build.deployment({ ...onAirflow("2.9.3"), ...unmanaged });
      const { data, errors } = await as(admin).send(UPGRADE, { id: deployment.id });
      expect(errors).toBeUndefined();
      expect(data.updateDeploymentAirflow).toEqual({ desiredAirflowVersion: "2.10.5" });
    }
  });

  it("makes a Deployment UNHEALTHY that was to be upgraded to it before", async () => {
    const { data } = await upsert("Pending", "13.0.0");
    expect(data.upsertDeployment.runtimeAirflowVersion).toBe("2.11.1");
    const { id } = await db.deployment.findFirstOrThrow({ where: { label: "Pending" } });
    await settled();
    const desired = { desiredRuntimeVersion: "13.1.0", desiredAirflowVersion: null };
    await db.deployment.update({ where: { id }, data: desired });
    await addAllJobs(db);
    await settled();
    expect(await db.deployment.findUnique({ where: { id } })).toMatchObject({
      status: "UNHEALTHY",
      statusReason: expect.stringContaining("Which Airflow version Runtime 13.1.0 contains is not known"),
    });
  });

  it("is in no list, and no default", async () => {
    const { data } = await owner.send(LISTS);
    expect(data).toEqual({
      runtimeReleases: [{ version: "13.0.0" }],
      airflowReleases: [{ version: "2.11.0" }],
      deploymentConfig: { airflowVersions: ["2.11.0"], defaultAirflowImageTag: expect.stringMatching(/^2\.11\.0-/) },
    });
    expect((await upsert("Default")).data.upsertDeployment).toMatchObject({
      runtimeVersion: "13.0.0",
      runtimeAirflowVersion: "2.11.1",
    });
  });
});

it("without Runtime, the default is the latest Airflow version", async () => {
  const { owner, workspace } = platforms.airflowOnly;
  const { data } = await owner.send(UPSERT, { workspaceUuid: workspace.id, label: "Default" });
  expect(data.upsertDeployment).toMatchObject({ runtimeVersion: null, airflowVersion: "2.11.0" });
});

it("with Astronomer's chart, every version can be chosen", async () => {
  const { owner, workspace } = platforms.astronomer;
  const { data } = await owner.send(LISTS);
  const versions = data.runtimeReleases.map(({ version }: { version: string }) => version);
  expect(versions).toEqual(["12.1.0", "13.0.0", "13.1.0", "3.0-1"]);
  expect(data.deploymentConfig.airflowVersions).toContain("2.10.5");
  const made = await owner.send(UPSERT, { workspaceUuid: workspace.id, label: "Early", runtimeVersion: "12.1.0" });
  expect(made.data.upsertDeployment).toMatchObject({ runtimeVersion: "12.1.0", runtimeAirflowVersion: "2.10.5" });
});
