import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";

const { as, build, db } = await testHouston();

const CONFIG = `query ($workspaceUuid: Uuid, $deploymentUuid: Uuid, $type: String, $version: String) {
  deploymentConfig(workspaceUuid: $workspaceUuid, deploymentUuid: $deploymentUuid, type: $type, version: $version) {
    defaults limits astroUnit { cpu memory pods airflowConns actualConns price } maxExtraAu executors singleNamespace
    loggingEnabled latestVersion airflowImages { version channel tag isDefault } airflowVersions defaultAirflowImageTag
    defaultAirflowChartVersion
  }
}`;

describe("deploymentConfig", () => {
  it("returns defaults and limits for Deployments to every signed-in caller", async () => {
    const given = { workspaceUuid: "", deploymentUuid: "anything", type: "airflow", version: "" };
    const { data, errors } = await as(await build.user()).send(CONFIG, given);
    expect(errors).toBeUndefined();
    const { defaults, limits, executors, airflowImages, airflowVersions, ...rest } = data.deploymentConfig;
    expect(rest).toEqual({
      astroUnit: { cpu: 100, memory: 384, pods: 1, airflowConns: 5, actualConns: 0.5, price: null },
      maxExtraAu: 400,
      singleNamespace: false,
      loggingEnabled: expect.any(Boolean),
      latestVersion: "1.22.0",
      defaultAirflowImageTag: "2.11.0-buster-onbuild",
      defaultAirflowChartVersion: "1.22.0",
    });
    expect(defaults).toMatchObject({
      executor: "CeleryExecutor",
      workers: { replicas: 1, terminationGracePeriodSeconds: 600 },
      scheduler: { replicas: 1, resources: { limits: { cpu: 500, memory: 1920 } } },
    });
    expect(limits).toMatchObject({
      workers: {
        au: 35,
        resources: { cpu: 3500, memory: 13440 },
        replicas: { minimum: 1, limit: 20 },
        terminationGracePeriodSeconds: { minimum: 0, limit: 86400 },
      },
      webserver: { au: 24, resources: { cpu: 2400, memory: 9216 } },
    });
    expect(executors.map(({ name }: { name: string }) => name)).toEqual([
      "LocalExecutor",
      "CeleryExecutor",
      "KubernetesExecutor",
    ]);
    expect(airflowVersions[0]).toBe("2.5.0");
    expect(airflowImages.filter(({ isDefault }: { isDefault: boolean }) => isDefault)).toEqual([
      { version: "2.11.0", channel: "stable", tag: "2.11.0-buster-onbuild", isDefault: true },
    ]);
  });

  it("returns the values that a new Deployment gets", async () => {
    const { workspace, admin } = await build.workspace();
    const { data } = await as(admin).send(CONFIG);
    const created = await as(admin).send(
      `mutation ($id: Uuid!) { createDeployment(workspaceUuid: $id, type: "airflow", label: "Blue") { config version } }`,
      { id: workspace.id },
    );
    expect(created.data.createDeployment).toEqual({
      config: data.deploymentConfig.defaults,
      version: data.deploymentConfig.defaultAirflowChartVersion,
    });
  });

  it("follows the configuration, with deprecated images for those who may choose them", async () => {
    const { as, build, config } = await testHouston({
      helm: { singleNamespace: true },
      deployments: {
        chart: { version: "1.9.4" },
        maxExtraAu: 7,
        defaultDistribution: "bullseye",
        enableSystemAdminCanCreateDeprecatedAirflows: true,
      },
    });
    const { data } = await as(await build.user()).send(CONFIG);
    expect(data.deploymentConfig).toMatchObject({
      singleNamespace: true,
      maxExtraAu: 7,
      latestVersion: "1.9.4",
      defaultAirflowChartVersion: "1.9.4",
      defaultAirflowImageTag: "2.11.0-bullseye-onbuild",
      loggingEnabled: config.elasticsearch.enabled,
    });
    expect(data.deploymentConfig.airflowVersions).not.toContain("2.3.4");
    const all = await as(await build.systemAdmin()).send(CONFIG);
    expect(all.data.deploymentConfig.airflowVersions[0]).toBe("1.10.12");
  });

  it("denies anonymous callers", async () => {
    const { errors } = await as(undefined).send(CONFIG);
    expect(errors).toMatchObject([{ extensions: { code: "UNAUTHENTICATED" } }]);
  });

  it("applies the overrides that the caller may see", async () => {
    const { workspace, viewer, outsider } = await build.workspace();
    const { deployment, viewer: deploymentViewer } = await build.deployment({ workspaceId: workspace.id });
    await db.deploymentsConfigOverride.create({ data: { workspaceId: workspace.id, config: { maxExtraAu: 7 } } });
    await db.deploymentsConfigOverride.create({ data: { deploymentId: deployment.id, config: { maxExtraAu: 3 } } });
    const most = async (someone: { token: string }, given: Record<string, string>) =>
      (await as(someone).send(CONFIG, given)).data.deploymentConfig.maxExtraAu;
    const [inWorkspace, inDeployment] = [{ workspaceUuid: workspace.id }, { deploymentUuid: deployment.id }];
    expect(await most(viewer, inWorkspace)).toBe(7);
    expect(await most(outsider, inWorkspace)).toBe(400);
    expect(await most(deploymentViewer, inWorkspace)).toBe(400);
    expect(await most(deploymentViewer, inDeployment)).toBe(3);
    expect(await most(outsider, { ...inWorkspace, ...inDeployment })).toBe(400);
    expect(await most(await build.systemAdmin(), { ...inWorkspace, ...inDeployment })).toBe(3);
    const admin = await build.systemAdmin();
    const earliest = async () => (await as(admin).send(CONFIG, inWorkspace)).data.deploymentConfig.airflowVersions[0];
    expect(await earliest()).toBe("2.5.0");
    const where = { workspaceId: workspace.id };
    const config = { enableSystemAdminCanCreateDeprecatedAirflows: true };
    await db.deploymentsConfigOverride.update({ where, data: { config } });
    expect(await earliest()).toBe("1.10.12");
    await db.cluster.updateMany({ data: { config: { maxExtraAu: 9 } } });
    expect(await most(outsider, {})).toBe(9);
    await db.cluster.updateMany({ data: { config: {} } });
  });
});
