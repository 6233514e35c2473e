import { describe, expect, it } from "vitest";
import { DENIED } from "../../src/platform/errors/appError.ts";
import { testHouston } from "../support/houston.ts";

const { as, build, db } = await testHouston();

const UPDATE = `mutation ($id: Uuid!, $home: Uuid!, $payload: JSON) {
  updateDeploymentServiceAccount(serviceAccountUuid: $id, deploymentUuid: $home, payload: $payload) { id label category }
}`;
const stored = (id: string) => db.serviceAccount.findUniqueOrThrow({ where: { id } });
const payload = { label: "Renamed" };

describe("updateDeploymentServiceAccount", () => {
  it("changes label and category; the key stays", async () => {
    const { deployment, editor } = await build.deployment();
    const { id, keyHash } = await build.serviceAccount({ role: "DEPLOYMENT_VIEWER", deploymentId: deployment.id });
    const sent = { id, home: deployment.id, payload: { label: " Renamed ", category: "build" } };
    const { data } = await as(editor).send(UPDATE, sent);
    expect(data.updateDeploymentServiceAccount).toEqual({ id, label: "Renamed", category: "build" });
    expect(await stored(id)).toMatchObject({ label: "Renamed", category: "build", keyHash });
    expect(await db.auditEntry.findFirst({ where: { entityId: id } })).toMatchObject({
      action: "updateServiceAccount",
      actor: `user:${editor.id}`,
    });
  });

  it("refuses a viewer, a stranger and nobody", async () => {
    const { deployment, viewer } = await build.deployment();
    const { id, label } = await build.serviceAccount({ role: "DEPLOYMENT_VIEWER", deploymentId: deployment.id });
    for (const someone of [viewer, await build.user(), undefined]) {
      const { errors } = await as(someone).send(UPDATE, { id, home: deployment.id, payload });
      expect(errors).toMatchObject([{ message: DENIED }]);
    }
    expect(await stored(id)).toMatchObject({ label });
  });

  it("finds only accounts that live there", async () => {
    const [own, other] = [await build.deployment(), await build.deployment()];
    const foreign = [
      await build.serviceAccount({ role: "DEPLOYMENT_VIEWER", deploymentId: other.deployment.id }),
      await build.serviceAccount({ role: "SYSTEM_ADMIN" }),
      await build.serviceAccount({ role: "WORKSPACE_VIEWER", workspaceId: own.deployment.workspaceId }),
    ];
    for (const { id, label } of foreign) {
      const { errors } = await as(own.admin).send(UPDATE, { id, home: own.deployment.id, payload });
      expect(errors).toMatchObject([
        {
          message: "serviceAccountUuid: unknown service account in this scope",
          extensions: { code: "NOT_FOUND", argument: "serviceAccountUuid" },
        },
      ]);
      expect(await stored(id)).toMatchObject({ label });
    }
  });

  it.each([
    [{ label: "x".repeat(81) }, "payload.label"],
    [{ active: false }, "payload"],
    [7, "payload"],
  ])("refuses the payload %j", async (bad, argument) => {
    const { deployment, editor } = await build.deployment();
    const { id, label } = await build.serviceAccount({ role: "DEPLOYMENT_VIEWER", deploymentId: deployment.id });
    const { errors } = await as(editor).send(UPDATE, { id, home: deployment.id, payload: bad });
    expect(errors).toMatchObject([{ extensions: { code: "BAD_USER_INPUT", argument } }]);
    expect(await stored(id)).toMatchObject({ label });
  });

  it("refuses a label that is taken there", async () => {
    const { deployment, editor } = await build.deployment();
    const make = () => build.serviceAccount({ role: "DEPLOYMENT_VIEWER", deploymentId: deployment.id });
    const [one, other] = [await make(), await make()];
    const sent = { id: one.id, home: deployment.id, payload: { label: other.label } };
    expect((await as(editor).send(UPDATE, sent)).errors).toMatchObject([
      { extensions: { code: "CONFLICT", argument: "payload.label" } },
    ]);
  });
});
