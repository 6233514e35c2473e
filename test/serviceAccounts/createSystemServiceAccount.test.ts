import { describe, expect, it } from "vitest";
import { DENIED } from "../../src/platform/errors/appError.ts";
import { testHouston } from "../support/houston.ts";

const { as, build, db } = await testHouston();

const CREATE = `mutation ($label: String!, $role: Role!) {
  createSystemServiceAccount(label: $label, role: $role) { id apiKey entityType entityUuid roleBindings { role } }
}`;
const admin = await build.systemAdmin();

describe("createSystemServiceAccount", () => {
  it.each(["SYSTEM_ADMIN", "SYSTEM_EDITOR", "SYSTEM_VIEWER"])(
    "creates an account with %s, whose key works",
    async (role) => {
      const { data } = await as(admin).send(CREATE, { label: role, role });
      const { id, apiKey, ...rest } = data.createSystemServiceAccount;
      expect(rest).toEqual({ entityType: "SYSTEM", entityUuid: null, roleBindings: [{ role }] });
      expect((await as({ token: apiKey }).send("{ sysWorkspaces { id } }")).errors).toBeUndefined();
      expect(await db.roleBinding.findFirst({ where: { serviceAccountId: id } })).toMatchObject({
        role,
        workspaceId: null,
        deploymentId: null,
      });
    },
  );

  it("allows such an account to create another one", async () => {
    const account = await build.serviceAccount({ role: "SYSTEM_ADMIN" });
    const { data } = await as(account).send(CREATE, { label: "By machine", role: "SYSTEM_ADMIN" });
    const { id, apiKey } = data.createSystemServiceAccount;
    expect(apiKey).toHaveLength(45);
    expect(await db.serviceAccount.findUnique({ where: { id } })).toMatchObject({
      createdBy: `serviceAccount:${account.id}`,
    });
  });

  it("denies everyone but System Admins", async () => {
    const { admin: workspaceAdmin } = await build.workspace();
    const editor = await build.user({ roles: [{ role: "SYSTEM_EDITOR" }] });
    const account = await build.serviceAccount({ role: "SYSTEM_EDITOR" });
    for (const someone of [editor, account, workspaceAdmin, undefined]) {
      const { errors } = await as(someone).send(CREATE, { label: "Theirs", role: "SYSTEM_VIEWER" });
      expect(errors).toMatchObject([{ message: DENIED }]);
    }
    expect(await db.serviceAccount.count({ where: { label: "Theirs" } })).toBe(0);
  });

  it.each(["WORKSPACE_ADMIN", "DEPLOYMENT_VIEWER", "USER"])("rejects the role %s", async (role) => {
    const { errors } = await as(admin).send(CREATE, { label: "Misfit", role });
    const allowed = "must be one of SYSTEM_VIEWER, SYSTEM_EDITOR, SYSTEM_ADMIN";
    expect(errors).toMatchObject([
      {
        message: `role: ${role} cannot be granted on the platform; ${allowed}`,
        extensions: { code: "BAD_USER_INPUT", argument: "role" },
      },
    ]);
  });

  it("rotates a key: the next account has the same label, and each key works until its account is deleted", async () => {
    const answers = await Promise.all(
      Array.from({ length: 2 }, () =>
        as(admin).send(`mutation { createSystemServiceAccount(label: "CI", role: SYSTEM_VIEWER) { id apiKey role } }`),
      ),
    );
    const [old, next] = answers.map(({ data }) => data.createSystemServiceAccount);
    expect([old.role, next.role]).toEqual(["SYSTEM_VIEWER", "SYSTEM_VIEWER"]);
    const works = async ({ apiKey }: { apiKey: string }) =>
      (await as({ token: apiKey }).send("{ self { serviceAccount { label } } }")).data.self?.serviceAccount.label;
    expect([await works(old), await works(next)]).toEqual(["CI", "CI"]);
    await as(admin).send(`mutation ($id: Uuid!) { deleteSystemServiceAccount(serviceAccountUuid: $id) { id } }`, {
      id: old.id,
    });
    expect([await works(old), await works(next)]).toEqual([undefined, "CI"]);
  });
});

describe("createSystemServiceAccount when others may call it", async () => {
  const recut = { SYSTEM_EDITOR: { permissions: { "system.serviceAccounts.create": true } } };
  const { as, build } = await testHouston({ roles: recut });

  it("denies roles above the creator's own", async () => {
    const editor = await build.user({ roles: [{ role: "SYSTEM_EDITOR" }] });
    const { data } = await as(editor).send(CREATE, { label: "Fitting", role: "SYSTEM_EDITOR" });
    expect(data.createSystemServiceAccount.roleBindings).toEqual([{ role: "SYSTEM_EDITOR" }]);
    const { errors } = await as(editor).send(CREATE, { label: "Climbing", role: "SYSTEM_ADMIN" });
    expect(errors).toMatchObject([{ message: DENIED, extensions: { code: "FORBIDDEN" } }]);
  });
});

describe("createSystemServiceAccount while service accounts are disabled", async () => {
  const { as, build, db } = await testHouston({ serviceAccounts: { enabled: false } });

  it("creates none", async () => {
    const { errors } = await as(await build.systemAdmin()).send(CREATE, { label: "CI", role: "SYSTEM_VIEWER" });
    expect(errors).toMatchObject([{ extensions: { code: "FEATURE_DISABLED" } }]);
    expect(await db.serviceAccount.count()).toBe(0);
  });
});
