import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";

const { as, build, db, app } = await testHouston();

const UPDATE = `mutation ($deploymentUuid: Uuid!, $releaseName: String!, $environmentVariables: [InputEnvironmentVariable]!) {
  updateDeploymentVariables(deploymentUuid: $deploymentUuid, releaseName: $releaseName, environmentVariables: $environmentVariables) {
    key value isSecret
  }
}`;

const plain = (key: string, value: string) => ({ key, value, isSecret: false });
const secret = (key: string, value: string) => ({ key, value, isSecret: true });

/** A Deployment with the variables PLAIN and HIDDEN. */
async function scene() {
  const made = await build.deployment();
  const { id: deploymentUuid, releaseName } = made.deployment;
  const set = (environmentVariables: unknown, someone: { token: string } | undefined = made.editor, other = {}) =>
    as(someone).send(UPDATE, { deploymentUuid, releaseName, environmentVariables, ...other });
  const { errors } = await set([plain("PLAIN", "one"), secret("HIDDEN", "top secret")]);
  expect(errors).toBeUndefined();
  const stored = () =>
    db.environmentVariable.findMany({ where: { deploymentId: deploymentUuid }, orderBy: { key: "asc" } });
  const clear = async (key: string) => {
    const row = (await stored()).find((one) => one.key === key);
    return app.services.secrets.open(row?.value ?? "", `EnvironmentVariable:${deploymentUuid}:${key}`);
  };
  return { ...made, set, stored, clear };
}

describe("updateDeploymentVariables", () => {
  it("replaces all variables, returns them by key with empty secrets, and encrypts secrets", async () => {
    const { set, stored, clear, deployment } = await scene();
    const before = await stored();
    const { data } = await set([secret("HIDDEN", ""), plain("_b2", ""), { key: "A", value: null }]);
    expect(data.updateDeploymentVariables).toEqual([plain("A", ""), secret("HIDDEN", ""), plain("_b2", "")]);
    expect(await clear("HIDDEN")).toBe("top secret");
    expect((await stored()).find(({ key }) => key === "HIDDEN")).toEqual(before.find(({ key }) => key === "HIDDEN"));
    const entries = await db.auditEntry.findMany({ where: { entityId: deployment.id }, orderBy: { createdAt: "asc" } });
    expect(entries[1]?.detail).toEqual({ variables: { set: ["_b2", "A"], removed: ["PLAIN"] } });
    expect(JSON.stringify(entries)).not.toContain("top secret");
    const { rows } = await app.services.pool.query("SELECT payload FROM graphile_worker._private_jobs WHERE key = $1", [
      `deployment:${deployment.id}`,
    ]);
    expect(rows).toMatchObject([{ payload: { change: "variablesUpdated" } }]);
    expect(JSON.stringify(rows)).not.toContain("top secret");
  });

  it("changes values, and turns plain variables into secrets and back with new values", async () => {
    const { set, clear, stored } = await scene();
    await set([secret("PLAIN", "two"), secret("HIDDEN", "three")]);
    expect([await clear("PLAIN"), await clear("HIDDEN")]).toEqual(["two", "three"]);
    const { data } = await set([plain("PLAIN", "four"), secret("HIDDEN", "")]);
    expect(data.updateDeploymentVariables).toEqual([secret("HIDDEN", ""), plain("PLAIN", "four")]);
    expect(await stored()).toHaveLength(2);
  });

  it("stores one complete set for ten concurrent requests", async () => {
    const { set, stored } = await scene();
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, i) => set([plain("FIRST", `${i}`), plain(`OWN_${i}`, "x")])),
    );
    expect(answers.flatMap(({ errors }) => errors ?? [])).toEqual([]);
    const rows = await stored();
    expect(rows).toHaveLength(2);
    expect(rows.map(({ key }) => key)).toContain(`OWN_${rows.find(({ key }) => key === "FIRST")?.value}`);
  });

  it.each([
    [[plain("2X", "")], "environmentVariables.0.key: must be 1 to 255 letters, digits and underscores"],
    [[plain("A-B", "")], "environmentVariables.0.key: must be 1 to 255 letters"],
    [[plain("X".repeat(256), "")], "environmentVariables.0.key: must be 1 to 255 letters"],
    [[plain("A", ""), plain("B", ""), plain("A", "2")], "environmentVariables.2.key: A is a duplicate key"],
    [[{ value: "x" }], "environmentVariables.0.key: must be 1 to 255 letters"],
    [[plain("A", ""), null], "environmentVariables.1: must be an object"],
    [[secret("NEW", "")], "environmentVariables.0.value: is required for a new secret"],
    [[secret("PLAIN", "")], "environmentVariables.0.value: is required for a new secret"],
    [[plain("A", "1"), plain("HIDDEN", "")], "environmentVariables.1.value: is required: a stored secret"],
    [[plain("A", "x".repeat(65_537))], "environmentVariables.0.value: must be a string of at most 64 KiB"],
    [[plain("A", "x\u0000y")], "environmentVariables.0.value"],
    [
      Array.from({ length: 1001 }, (_, i) => plain(`K${i}`, "")),
      "environmentVariables: must be a list of at most 1,000 variables",
    ],
  ])("rejects an invalid list %#", async (list, message) => {
    const { set, stored } = await scene();
    const before = await stored();
    const { errors } = await set(list);
    expect(errors).toMatchObject([
      { message: expect.stringContaining(message), extensions: { code: "BAD_USER_INPUT" } },
    ]);
    expect(await stored()).toEqual(before);
  });

  it("accepts a thousand variables", async () => {
    const { set } = await scene();
    const { data } = await set(Array.from({ length: 1000 }, (_, i) => secret(`K${i}`, "x")));
    expect(data.updateDeploymentVariables).toHaveLength(1000);
  });

  it("rejects other release names, viewers, outsiders and anonymous callers", async () => {
    const { set, stored, viewer, home } = await scene();
    const { deployment: other } = await build.deployment();
    const { errors } = await set([], undefined, { releaseName: other.releaseName });
    expect(errors).toMatchObject([{ extensions: { code: "BAD_USER_INPUT", argument: "releaseName" } }]);
    for (const someone of [viewer, home?.outsider, { token: "" }]) {
      const { errors: denied } = await set([], someone);
      expect(denied).toMatchObject([{ message: "You do not have the appropriate permissions for that" }]);
    }
    expect(await stored()).toHaveLength(2);
  });
});
