import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";
import { outcomeOf } from "../support/outcome.ts";

const { as, build } = await testHouston({ deployments: { cleanupAirflowDb: { enabled: true } } });
const off = await testHouston();

const CLEANUP = `query ($olderThan: Int, $dryRun: Boolean, $outputPath: String, $dropArchives: Boolean,
  $provider: String, $bucketName: String, $providerEnvSecretName: String, $tables: String) {
  cleanupAirflowDb(olderThan: $olderThan, dryRun: $dryRun, outputPath: $outputPath, dropArchives: $dropArchives,
    provider: $provider, bucketName: $bucketName, providerEnvSecretName: $providerEnvSecretName, tables: $tables)
}`;

const admin = await build.systemAdmin();

describe("cleanupAirflowDb", () => {
  it.each([
    {},
    { olderThan: 30, dryRun: true, outputPath: "/tmp/old", dropArchives: true, tables: "log, dag_run,task_instance" },
    { provider: "aws", bucketName: "old-rows", providerEnvSecretName: "aws-credentials" },
    { provider: "", bucketName: "", tables: null },
  ])("reports that no cluster is connected: %j", async (given) => {
    const answer = await as(admin).send(CLEANUP, given);
    expect(outcomeOf(answer)).toBe("CLUSTER_UNAVAILABLE");
    expect(answer.status).toBe(200);
  });

  it.each([
    [{ olderThan: 0 }, "olderThan: must be a whole number of days from 1 to 36,500"],
    [{ provider: "ftp" }, "provider: must be one of aws, gcp, azure, local"],
    [{ provider: "gcp" }, "bucketName: is required for gcp"],
    [{ bucketName: "../etc" }, "bucketName: must be the name of a bucket"],
    [{ providerEnvSecretName: "Not a secret" }, "providerEnvSecretName: must be the name of a Kubernetes Secret"],
    [{ outputPath: "tmp" }, "outputPath: must be an absolute path"],
    [{ outputPath: "/tmp/../etc" }, "outputPath: must be an absolute path"],
    [{ outputPath: "/tmp; rm" }, "outputPath: must be an absolute path"],
    [{ outputPath: "../x" }, "outputPath: must be an absolute path"],
    [{ tables: "log; DROP TABLE log" }, "tables: must be table names separated by commas"],
    [{ tables: "log,,dag_run" }, "tables: must be table names separated by commas"],
  ])("rejects %j", async (given, message) => {
    const { errors } = await as(admin).send(CLEANUP, given);
    expect(errors).toMatchObject([
      { message: expect.stringContaining(message), extensions: { code: "BAD_USER_INPUT" } },
    ]);
    expect(errors?.[0]?.message.split(message)).toHaveLength(2);
  });

  it("is for System Admins only", async () => {
    const editor = await build.user({ roles: [{ role: "SYSTEM_EDITOR" }] });
    const { admin: workspaceAdmin } = await build.workspace();
    const { admin: deploymentAdmin } = await build.deployment();
    for (const someone of [editor, workspaceAdmin, deploymentAdmin]) {
      expect(outcomeOf(await as(someone).send(CLEANUP))).toBe("FORBIDDEN");
    }
    expect(outcomeOf(await as(undefined).send(CLEANUP))).toBe("UNAUTHENTICATED");
  });

  it("names its setting while it is disabled", async () => {
    const { errors } = await off.as(await off.build.systemAdmin()).send(CLEANUP);
    expect(errors).toMatchObject([
      {
        message: "cleanupAirflowDb: deployments.cleanupAirflowDb.enabled is false on this platform",
        extensions: { code: "FEATURE_DISABLED" },
      },
    ]);
  });
});
