import { describe, expect, it } from "vitest";
import { DENIED } from "../../src/platform/errors/appError.ts";
import { testHouston } from "../support/houston.ts";

const { as, build, db } = await testHouston();

const DELETE = `mutation ($id: Uuid!, $home: Uuid!) {
  deleteDeploymentServiceAccount(serviceAccountUuid: $id, deploymentUuid: $home) { id label roleBindings { role } }
}`;
const LIST = `query ($home: Uuid!) { deploymentServiceAccounts(deploymentUuid: $home) { id } }`;

describe("deleteDeploymentServiceAccount", () => {
  it("deletes it and its role, answers what it was, and its key ends at once", async () => {
    const { deployment, editor } = await build.deployment();
    const account = await build.serviceAccount({ role: "DEPLOYMENT_VIEWER", deploymentId: deployment.id });
    const { id, label } = account;
    const home = deployment.id;
    expect((await as(account).send(LIST, { home })).data).toEqual({ deploymentServiceAccounts: [{ id }] });
    const { data } = await as(editor).send(DELETE, { id, home });
    expect(data.deleteDeploymentServiceAccount).toEqual({ id, label, roleBindings: [{ role: "DEPLOYMENT_VIEWER" }] });
    expect(await db.serviceAccount.findUnique({ where: { id } })).toBeNull();
    expect(await db.roleBinding.findUnique({ where: { serviceAccountId: id } })).toBeNull();
    expect((await as(account).send(LIST, { home })).errors).toMatchObject([
      { message: DENIED, extensions: { code: "UNAUTHENTICATED" } },
    ]);
    expect(await db.auditEntry.findFirst({ where: { entityId: id } })).toMatchObject({
      action: "deleteServiceAccount",
      actor: `user:${editor.id}`,
      detail: { label },
    });
  });

  it("refuses a viewer, a stranger and nobody", async () => {
    const { deployment, viewer } = await build.deployment();
    const { id } = await build.serviceAccount({ role: "DEPLOYMENT_VIEWER", deploymentId: deployment.id });
    for (const someone of [viewer, await build.user(), undefined]) {
      const { errors } = await as(someone).send(DELETE, { id, home: deployment.id });
      expect(errors).toMatchObject([{ message: DENIED }]);
    }
    expect(await db.serviceAccount.count({ where: { id } })).toBe(1);
  });

  it("finds only accounts that live there", async () => {
    const [own, other] = [await build.deployment(), await build.deployment()];
    const foreign = [
      await build.serviceAccount({ role: "DEPLOYMENT_VIEWER", deploymentId: other.deployment.id }),
      await build.serviceAccount({ role: "SYSTEM_ADMIN" }),
      await build.serviceAccount({ role: "WORKSPACE_VIEWER", workspaceId: own.deployment.workspaceId }),
    ];
    for (const { id } of [...foreign, { id: "nowhere" }]) {
      const { data, errors } = await as(own.admin).send(DELETE, { id, home: own.deployment.id });
      expect(data.deleteDeploymentServiceAccount).toBeNull();
      expect(errors).toMatchObject([{ extensions: { code: "NOT_FOUND", argument: "serviceAccountUuid" } }]);
    }
    expect(await db.serviceAccount.count({ where: { id: { in: foreign.map(({ id }) => id) } } })).toBe(3);
  });

  it("happens once, of twenty at the same time", async () => {
    const { deployment, editor } = await build.deployment();
    const { id } = await build.serviceAccount({ role: "DEPLOYMENT_VIEWER", deploymentId: deployment.id });
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => as(editor).send(DELETE, { id, home: deployment.id })),
    );
    expect(answers.filter(({ errors }) => errors === undefined)).toHaveLength(1);
    const codes = answers.flatMap(({ errors }) => errors?.map(({ extensions }) => extensions.code) ?? []);
    expect(new Set(codes)).toEqual(new Set(["NOT_FOUND"]));
    expect(await db.auditEntry.count({ where: { entityId: id } })).toBe(1);
  });
});
