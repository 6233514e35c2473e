import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";
import { outcomeOf } from "../support/outcome.ts";

const { as, build, db } = await testHouston();
const strict = await testHouston({
  allowedSystemLevelDomains: ["Corp.example"],
  roles: { SYSTEM_EDITOR: { permissions: { "system.iam.update": true } } },
});

const CREATE = `mutation ($userId: ID!, $role: Role!) {
  createSystemRoleBinding(userId: $userId, role: $role) { id role user { id } workspace { id } deployment { id } }
}`;

const admin = await build.systemAdmin();

describe("createSystemRoleBinding", () => {
  it.each(["SYSTEM_ADMIN", "SYSTEM_EDITOR", "SYSTEM_VIEWER"])(
    "grants %s, and once only when repeated",
    async (role) => {
      const user = await build.user();
      const variables = { userId: user.id, role };
      const answers = await Promise.all(Array.from({ length: 5 }, () => as(admin).send(CREATE, variables)));
      const [binding, ...others] = await db.roleBinding.findMany({ where: { userId: user.id } });
      expect(others).toEqual([]);
      for (const { data } of answers) {
        expect(data.createSystemRoleBinding).toEqual({
          id: binding?.id,
          role,
          user: { id: user.id },
          workspace: null,
          deployment: null,
        });
      }
      expect(await db.auditEntry.count({ where: { entityId: user.id } })).toBe(1);
      const { data } = await as(user).send("{ self { permissions } }");
      expect(data.self.permissions.system).toContain("system.users.get");
    },
  );

  it("allows a System Admin's service account", async () => {
    const account = await build.serviceAccount({ role: "SYSTEM_ADMIN" });
    const { id: userId } = await build.user();
    expect(outcomeOf(await as(account).send(CREATE, { userId, role: "SYSTEM_VIEWER" }))).toBe("ok");
  });

  it.each(["USER", "WORKSPACE_ADMIN", "DEPLOYMENT_VIEWER"])("rejects %s", async (role) => {
    const { id: userId } = await build.user();
    const { errors } = await as(admin).send(CREATE, { userId, role });
    expect(errors?.[0]?.message).toContain("must be one of SYSTEM_VIEWER, SYSTEM_EDITOR, SYSTEM_ADMIN");
    expect(errors).toMatchObject([{ extensions: { code: "BAD_USER_INPUT", argument: "role" } }]);
  });

  it("rejects unknown, pending and unverified users", async () => {
    const pending = await build.user({ status: "pending" });
    const unverified = await build.user();
    await db.email.updateMany({ where: { userId: unverified.id }, data: { verified: false, proven: false } });
    const outcome = async (userId: string) =>
      outcomeOf(await as(admin).send(CREATE, { userId, role: "SYSTEM_VIEWER" }));
    expect(await outcome("nobody")).toBe("NOT_FOUND userId");
    expect(await outcome(pending.id)).toBe("BAD_USER_INPUT userId");
    expect(await outcome(unverified.id)).toBe("BAD_USER_INPUT userId");
    expect(await db.roleBinding.count({ where: { userId: { in: [pending.id, unverified.id] } } })).toBe(0);
  });

  it("denies everyone but System Admins", async () => {
    const editor = await build.user({ roles: [{ role: "SYSTEM_EDITOR" }] });
    const variables = { userId: editor.id, role: "SYSTEM_ADMIN" };
    expect(outcomeOf(await as(editor).send(CREATE, variables))).toBe("FORBIDDEN");
    expect(outcomeOf(await as(undefined).send(CREATE, variables))).toBe("UNAUTHENTICATED");
  });

  it("denies roles above the caller's own, even if the caller may manage access", async () => {
    const editor = await strict.build.user({ roles: [{ role: "SYSTEM_EDITOR" }] });
    const { id: userId } = await strict.build.user({ email: "a@corp.example" });
    const outcome = async (role: string) => outcomeOf(await strict.as(editor).send(CREATE, { userId, role }));
    expect(await outcome("SYSTEM_ADMIN")).toBe("FORBIDDEN");
    expect(await outcome("SYSTEM_VIEWER")).toBe("ok");
  });

  it("R8: requires a verified address in one of the allowed domains", async () => {
    const boss = await strict.build.systemAdmin();
    const insider = await strict.build.user({ email: "in@corp.example" });
    const outsider = await strict.build.user({ email: "out@not-corp.example" });
    await strict.db.email.create({ data: { userId: outsider.id, address: "claim@corp.example", primary: false } });
    const outcome = async (userId: string) =>
      outcomeOf(await strict.as(boss).send(CREATE, { userId, role: "SYSTEM_VIEWER" }));
    expect(await outcome(insider.id)).toBe("ok");
    expect(await outcome(outsider.id)).toBe("BAD_USER_INPUT userId");
  });
});
