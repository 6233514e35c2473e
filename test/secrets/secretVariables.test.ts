import { describe, expect, it } from "vitest";
import { DEFAULT_ORGANIZATION } from "../../src/access/scopePaths.ts";
import { testHouston } from "../support/houston.ts";
import { outcomeOf } from "../support/outcome.ts";

const CANARY = "canary-9e107d9d372bb682";
const { url, as, build, db, app } = await testHouston({ deployments: { upsertDeploymentEnabled: true } });
const admin = await build.systemAdmin();

const SET = `mutation ($id: Uuid!, $releaseName: String!, $list: [InputEnvironmentVariable]!) {
  updateDeploymentVariables(deploymentUuid: $id, releaseName: $releaseName, environmentVariables: $list) {
    key value isSecret
  }
}`;

/** A Deployment with the secret variable HIDDEN, and a function that sets its variables. */
async function scene() {
  const { deployment } = await build.deployment();
  const { id, releaseName } = deployment;
  const set = (...list: object[]) => as(admin).send(SET, { id, releaseName, list });
  const open = async () => {
    const row = await db.environmentVariable.findFirstOrThrow({ where: { deploymentId: id } });
    return row.isSecret ? app.services.secrets.open(row.value, `EnvironmentVariable:${id}:HIDDEN`) : row.value;
  };
  expect(outcomeOf(await set({ key: "HIDDEN", value: CANARY, isSecret: true }))).toBe("ok");
  return { deployment, set, open };
}

describe("a secret variable", () => {
  it.each([
    ["with isSecret: false", { key: "HIDDEN", value: "", isSecret: false }],
    ["without isSecret", { key: "HIDDEN" }],
    ["with null", { key: "HIDDEN", value: null, isSecret: null }],
  ])("S5: does not become readable without a new value (%s)", async (_, variable) => {
    const { set, open } = await scene();
    const { errors } = await set(variable);
    expect(errors?.[0]?.message).toContain("a stored secret cannot become readable without a new value");
    expect(await open()).toBe(CANARY);
    const { data } = await set({ key: "HIDDEN", value: "new", isSecret: false });
    expect(data.updateDeploymentVariables).toEqual([{ key: "HIDDEN", value: "new", isSecret: false }]);
    expect(await open()).toBe("new");
  });

  it.each([[{}], [{ value: "" }], [{ value: null }]])(
    "S5: keeps its value when an update omits it: %j",
    async (given) => {
      const { set, open } = await scene();
      expect(outcomeOf(await set({ key: "HIDDEN", isSecret: true, ...given }))).toBe("ok");
      expect(await open()).toBe(CANARY);
    },
  );

  it("S5: is in no answer of any API, whoever asks", async () => {
    const { deployment, set, open } = await scene();
    const { id, releaseName, workspaceId } = deployment;
    const variables = "{ key value isSecret }";
    const answers = [
      await set({ key: "HIDDEN", value: CANARY, isSecret: true }),
      await as(admin).send(
        `{ deploymentVariables(deploymentUuid: "${id}", releaseName: "${releaseName}") ${variables} }`,
      ),
      await as(admin).send(`mutation { upsertDeployment(deploymentUuid: "${id}", description: "New") {
        id upsertedEnvironmentVariables ${variables} environmentVariables ${variables} } }`),
      await as(admin).send(`{ workspaceDeployments(workspaceUuid: "${workspaceId}") {
        id environmentVariables ${variables} } }`),
      await as(admin).send(`{ auditLog { action detail } }`),
    ];
    expect(answers.map(outcomeOf)).toEqual(answers.map(() => "ok"));
    const texts = answers.map((answer) => JSON.stringify(answer));
    expect(texts[1]).toContain("HIDDEN");
    const base = `${url}/platform/v1beta1/organizations/${DEFAULT_ORGANIZATION}/deployments`;
    const headers = { authorization: `Bearer ${admin.token}` };
    for (const address of [
      base,
      `${base}/${id}`,
      `${url}/v1/audit-log?format=csv`,
      `${url}/v1/audit-log?format=jsonl`,
    ]) {
      const response = await fetch(address, { headers });
      expect(response.status, address).toBe(200);
      texts.push(await response.text());
      expect(texts.at(-1), address).toContain(address.includes("audit") ? "updateDeploymentVariables" : "HIDDEN");
    }
    for (const text of texts) expect(text).not.toContain(CANARY);
    expect(await open()).toBe(CANARY);
  });
});
