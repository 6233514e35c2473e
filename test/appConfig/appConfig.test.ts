import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";

const plain = await testHouston();
const other = await testHouston({
  helm: { baseDomain: "airflow.example.com", releaseVersion: "1.0.1" },
  email: { enabled: true, smtpUrl: "smtp://127.0.0.1:1" },
  registry: { protectedCustomRegistry: { updateRegistry: { enabled: true, host: "registry.example.com" } } },
  deployments: {
    manualReleaseNames: true,
    configureDagDeployment: true,
    nfsMountDagDeployment: true,
    manualNamespaceNames: true,
    namespaceFreeFormEntry: true,
    hardDeleteDeployment: true,
    gitSyncDagDeployment: true,
    dagOnlyDeployment: true,
    triggererEnabled: false,
    astroRuntimeEnabled: false,
  },
});

const CONFIG = `query ($clusterId: Uuid) { appConfig(clusterId: $clusterId) {
  version baseDomain byoUpdateRegistryHost smtpConfigured manualReleaseNames configureDagDeployment nfsMountDagDeployment
  manualNamespaceNames hardDeleteDeployment triggererEnabled prometheusEnabled elasticSearchEnabled featureFlags
} }`;

describe("appConfig", () => {
  it("returns the defaults", async () => {
    const { data } = await plain.as(undefined).send(CONFIG);
    expect(data.appConfig).toEqual({
      version: "0.37.0",
      baseDomain: "localhost",
      byoUpdateRegistryHost: null,
      smtpConfigured: false,
      manualReleaseNames: false,
      configureDagDeployment: false,
      nfsMountDagDeployment: false,
      manualNamespaceNames: false,
      hardDeleteDeployment: false,
      triggererEnabled: true,
      prometheusEnabled: false,
      elasticSearchEnabled: false,
      featureFlags: {
        nfsMountDagDeployment: false,
        hardDeleteDeployment: false,
        manualNamespaceNames: false,
        triggererEnabled: true,
        gitSyncDagDeployment: false,
        namespaceFreeFormEntry: false,
        byoUpdateRegistryEnabled: false,
        astroRuntimeEnabled: true,
        dagOnlyDeployment: false,
      },
    });
  });

  it("returns configured values", async () => {
    const { data } = await other.as(undefined).send(CONFIG);
    expect(data.appConfig).toMatchObject({
      version: "1.0.1",
      baseDomain: "airflow.example.com",
      byoUpdateRegistryHost: "registry.example.com",
      smtpConfigured: true,
      manualReleaseNames: true,
      configureDagDeployment: true,
      nfsMountDagDeployment: true,
      manualNamespaceNames: true,
      hardDeleteDeployment: true,
      triggererEnabled: false,
      featureFlags: {
        nfsMountDagDeployment: true,
        hardDeleteDeployment: true,
        manualNamespaceNames: true,
        triggererEnabled: false,
        gitSyncDagDeployment: true,
        namespaceFreeFormEntry: true,
        byoUpdateRegistryEnabled: true,
        astroRuntimeEnabled: false,
        dagOnlyDeployment: true,
      },
    });
  });

  it("is public, even with a stale token, and ignores the cluster", async () => {
    const { as, build } = plain;
    for (const someone of [
      await build.user(),
      await build.serviceAccount({ role: "SYSTEM_VIEWER" }),
      { token: "stale" },
    ]) {
      for (const clusterId of [null, "", "anything at all"]) {
        const { data, errors, status } = await as(someone).send(CONFIG, { clusterId });
        expect([status, errors]).toEqual([200, undefined]);
        expect(data.appConfig.version).toBe("0.37.0");
      }
    }
  });
});
