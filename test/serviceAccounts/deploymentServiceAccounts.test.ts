import { describe, expect, it } from "vitest";
import { DENIED } from "../../src/platform/errors/appError.ts";
import { countStatements } from "../support/countStatements.ts";
import { testHouston } from "../support/houston.ts";

const { as, build } = await testHouston();

const LIST = `query ($home: Uuid!) {
  deploymentServiceAccounts(deploymentUuid: $home) { id label apiKey entityType roleBindings { role deployment { id } } }
}`;

describe("deploymentServiceAccounts", () => {
  it("lists the Deployment's own accounts, oldest first, in two statements however many there are", async () => {
    const { deployment, viewer } = await build.deployment();
    await build.serviceAccount({ role: "WORKSPACE_VIEWER", workspaceId: deployment.workspaceId });
    await build.serviceAccount({ role: "SYSTEM_ADMIN" });
    const home = deployment.id;
    for (const count of [1, 5]) {
      const accounts = [];
      while (accounts.length < count) {
        accounts.push(await build.serviceAccount({ role: "DEPLOYMENT_EDITOR", deploymentId: home }));
      }
      const { result, statements } = await countStatements(() => as(viewer).send(LIST, { home }));
      const answer = result.data.deploymentServiceAccounts;
      expect(answer.slice(-count)).toEqual(
        accounts.map(({ id, label, keyStart }) => ({
          id,
          label,
          apiKey: keyStart,
          entityType: "DEPLOYMENT",
          roleBindings: [{ role: "DEPLOYMENT_EDITOR", deployment: { id: home } }],
        })),
      );
      expect(statements.filter((sql) => !sql.includes("graphile_worker"))).toHaveLength(2);
    }
    const all = await as(viewer).send(LIST, { home });
    expect(all.data.deploymentServiceAccounts).toHaveLength(6);
  });

  it("refuses a stranger, another Deployment's account and nobody, in the same words as for an unknown Deployment", async () => {
    const [{ deployment }, other] = [await build.deployment(), await build.deployment()];
    const machine = await build.serviceAccount({ role: "DEPLOYMENT_ADMIN", deploymentId: other.deployment.id });
    for (const home of [deployment.id, "nowhere"]) {
      for (const someone of [await build.user(), other.admin, machine, undefined]) {
        const { status, data, errors } = await as(someone).send(LIST, { home });
        expect({ status, data }).toEqual({ status: 200, data: { deploymentServiceAccounts: null } });
        expect(errors).toMatchObject([{ message: DENIED }]);
      }
    }
  });

  it("answers an empty list, and tells a System Viewer that there is no such Deployment", async () => {
    const { deployment } = await build.deployment();
    const systemViewer = await build.user({ roles: [{ role: "SYSTEM_VIEWER" }] });
    const { data } = await as(systemViewer).send(LIST, { home: deployment.id });
    expect(data).toEqual({ deploymentServiceAccounts: [] });
    for (const [home, code] of [
      ["nowhere", "NOT_FOUND"],
      ["", "BAD_USER_INPUT"],
    ]) {
      const { errors } = await as(systemViewer).send(LIST, { home });
      expect(errors).toMatchObject([{ extensions: { code, argument: expect.stringContaining("deploymentUuid") } }]);
    }
  });
});
