import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";

const MADE = "{ id releaseName runtimeVersion }";
const CREATE = `mutation ($workspaceUuid: Uuid!, $label: String!, $executor: ExecutorType!, $runtimeVersion: String) {
  made: createDeployment(workspaceUuid: $workspaceUuid, type: "airflow", label: $label, executor: $executor,
    runtimeVersion: $runtimeVersion, dagDeployment: {}, triggerer: {}) ${MADE}
}`;
const UPSERT_NEW = `mutation ($workspaceUuid: Uuid, $clusterId: Uuid, $label: String, $executor: ExecutorType,
  $runtimeVersion: String, $releaseName: String, $namespace: String, $cloudRole: String) {
  made: upsertDeployment(workspaceUuid: $workspaceUuid, clusterId: $clusterId, label: $label, executor: $executor,
    runtimeVersion: $runtimeVersion, releaseName: $releaseName, namespace: $namespace, cloudRole: $cloudRole,
    dagDeployment: {}, triggerer: {}) ${MADE}
}`;
const UPDATE = `mutation ($id: Uuid!, $payload: JSON) { changed: updateDeployment(deploymentUuid: $id, payload: $payload) { label } }`;
const UPSERT = `mutation ($id: Uuid!, $label: String) { changed: upsertDeployment(deploymentUuid: $id, label: $label) { label } }`;
const MOVE = `mutation ($id: Uuid!) {
  updateDeploymentRuntime(deploymentUuid: $id, desiredRuntimeVersion: "7.6.0") { desiredRuntimeVersion }
  cancelRuntimeUpdate(deploymentUuid: $id) { desiredRuntimeVersion }
}`;
const IMAGE = (field: string) => `mutation ($releaseName: String!, $image: String!, $runtimeVersion: String!) {
  deployed: ${field}(releaseName: $releaseName, image: $image, runtimeVersion: $runtimeVersion) {
    runtimeVersion desiredRuntimeVersion deployInfo { current nextCli }
  }
}`;

describe("a client that chooses its documents by the platform's version", () => {
  it.each(["0.25.0", "0.28.0", "0.29.2", "0.30.0", "0.32.0", "0.37.0", "1.0.1", "2.0.0", "2.1.0"])(
    "creates, updates and deploys at %s",
    async (releaseVersion) => {
      const { as, build } = await testHouston({
        helm: { releaseVersion },
        registry: { protectedCustomRegistry: { updateRegistry: { enabled: true } } },
      });
      const [major = 0, minor = 0] = releaseVersion.split(".").map(Number);
      const { workspace, admin } = await build.workspace();
      const { data: platform } = await as(undefined).send("{ appConfig { version } }");
      expect(platform.appConfig.version).toBe(releaseVersion);

      const empty = { clusterId: "", releaseName: "", namespace: "", cloudRole: "" };
      const given = { workspaceUuid: workspace.id, label: "Blue", executor: "CeleryExecutor", runtimeVersion: "7.2.0" };
      const { data, errors } = await as(admin).send(major < 1 ? CREATE : UPSERT_NEW, { ...given, ...empty });
      expect(errors).toBeUndefined();
      const { id, releaseName } = data.made;
      const changed = await as(admin).send(major < 1 ? UPDATE : UPSERT, {
        id,
        label: "Green",
        payload: { label: "Green" },
      });
      expect(changed.data.changed.label).toBe("Green");
      const moved = await as(admin).send(MOVE, { id });
      expect(moved.data.updateDeploymentRuntime.desiredRuntimeVersion).toBe("7.6.0");
      expect(moved.data.cancelRuntimeUpdate.desiredRuntimeVersion).toBe("7.2.0");
      const upserts = major > 2 || (major === 2 && minor >= 1);
      const deployed = await as(admin).send(IMAGE(upserts ? "upsertDeployment" : "updateDeploymentImage"), {
        releaseName,
        image: "registry.example.com/blue:deploy-1",
        runtimeVersion: "7.6.0",
      });
      expect(deployed.data.deployed).toEqual({
        runtimeVersion: "7.6.0",
        desiredRuntimeVersion: "7.6.0",
        deployInfo: { current: "deploy-1", nextCli: "deploy-2" },
      });
    },
  );
});
