import { describe, expect, it } from "vitest";
import { DENIED } from "../../src/platform/errors/appError.ts";
import { testHouston } from "../support/houston.ts";

const { as, build, db } = await testHouston();

const DELETE = `mutation ($id: Uuid!) { deleteSystemServiceAccount(serviceAccountUuid: $id) { id entityType } }`;
const admin = await build.systemAdmin();

describe("deleteSystemServiceAccount", () => {
  it("deletes the account and revokes its key immediately", async () => {
    const account = await build.serviceAccount({ role: "SYSTEM_ADMIN" });
    const { data } = await as(admin).send(DELETE, { id: account.id });
    expect(data.deleteSystemServiceAccount).toEqual({ id: account.id, entityType: "SYSTEM" });
    expect(await db.serviceAccount.findUnique({ where: { id: account.id } })).toBeNull();
    expect((await as(account).send("{ sysWorkspaces { id } }")).errors).toMatchObject([
      { message: DENIED, extensions: { code: "UNAUTHENTICATED" } },
    ]);
  });

  it("allows an account to delete itself", async () => {
    const account = await build.serviceAccount({ role: "SYSTEM_ADMIN" });
    expect((await as(account).send(DELETE, { id: account.id })).errors).toBeUndefined();
    expect((await as(account).send(DELETE, { id: account.id })).errors).toMatchObject([{ message: DENIED }]);
  });

  it("denies everyone but System Admins", async () => {
    const { id } = await build.serviceAccount({ role: "SYSTEM_VIEWER" });
    const editor = await build.user({ roles: [{ role: "SYSTEM_EDITOR" }] });
    for (const someone of [editor, (await build.workspace()).admin, undefined]) {
      expect((await as(someone).send(DELETE, { id })).errors).toMatchObject([{ message: DENIED }]);
    }
    expect(await db.serviceAccount.count({ where: { id } })).toBe(1);
  });

  it("returns NOT_FOUND for accounts of other levels and unknown ones", async () => {
    const { deployment } = await build.deployment();
    const others = [
      await build.serviceAccount({ role: "WORKSPACE_VIEWER", workspaceId: deployment.workspaceId }),
      await build.serviceAccount({ role: "DEPLOYMENT_VIEWER", deploymentId: deployment.id }),
    ];
    for (const id of [...others.map((other) => other.id), "nowhere"]) {
      expect((await as(admin).send(DELETE, { id })).errors).toMatchObject([
        { extensions: { code: "NOT_FOUND", argument: "serviceAccountUuid" } },
      ]);
    }
    expect(await db.serviceAccount.count({ where: { id: { in: others.map(({ id }) => id) } } })).toBe(2);
  });
});
