import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";
import { createMailbox } from "../support/mailbox.ts";

const mailbox = createMailbox();
const { as, build, db } = await testHouston({ email: { folder: mailbox.folder } });
await build.systemAdmin();

/** Invites an address as the inviter, changes something, and returns the roles that accepting the invitation gives. */
async function accepted(
  inviter: { token: string },
  { workspaceId, deploymentId }: { workspaceId: string; deploymentId?: string },
  change: () => Promise<unknown>,
) {
  const email = `${randomBytes(4).toString("hex")}@example.com`;
  const add = `mutation ($roles: [DeploymentRoles!]) {
    workspaceAddUser(
      email: "${email}", workspaceUuid: "${workspaceId}", role: WORKSPACE_ADMIN, deploymentRoles: $roles
    ) { id }
  }`;
  const roles = deploymentId ? [{ deploymentId, role: "DEPLOYMENT_EDITOR" }] : [];
  const { errors } = await as(inviter).send(add, { roles });
  expect(errors).toBeUndefined();
  await change();
  const token = await mailbox.token("invite", email);
  const given = `email: "${email}", password: "four plain words", inviteToken: "${token}"`;
  const { data } = await as(undefined).send(`mutation { createUser(${given}) { user { id status } } }`);
  expect(data.createUser.user.status).toBe("active");
  const held = await db.roleBinding.findMany({ where: { userId: data.createUser.user.id } });
  return held.map(({ role }) => role).sort();
}

describe("T18: an invitation gives only what its inviter can still give", () => {
  it("everything while the inviter keeps their role", async () => {
    const { deployment, home } = await build.deployment();
    const { workspaceId } = deployment;
    if (!home) throw new Error("no Workspace");
    expect(await accepted(home.admin, { workspaceId, deploymentId: deployment.id }, async () => undefined)).toEqual([
      "DEPLOYMENT_EDITOR",
      "WORKSPACE_ADMIN",
    ]);
  });

  it.each<[string, (id: string) => Promise<unknown>]>([
    ["was removed from the Workspace", (userId) => db.roleBinding.deleteMany({ where: { userId } })],
    ["was removed", (id) => db.user.delete({ where: { id } })],
    ["is no longer active", (id) => db.user.update({ where: { id }, data: { status: "pending" } })],
    [
      "was deactivated by their identity provider",
      (userId) =>
        db.scimUser.create({
          data: { provider: "okta", userId, userName: userId, userNameKey: userId, active: false },
        }),
    ],
    [
      "got a lower role",
      (userId) => db.roleBinding.updateMany({ where: { userId }, data: { role: "WORKSPACE_EDITOR" } }),
    ],
  ])("nothing once the inviter %s; the person still gets an account", async (_, change) => {
    const { deployment, home } = await build.deployment();
    const { workspaceId } = deployment;
    if (!home) throw new Error("no Workspace");
    const at = { workspaceId, deploymentId: deployment.id };
    expect(await accepted(home.admin, at, () => change(home.admin.id))).toEqual([]);
  });

  it("the same for service accounts", async () => {
    const { workspace } = await build.workspace();
    const account = () => build.serviceAccount({ role: "WORKSPACE_ADMIN", workspaceId: workspace.id });
    const [kept, removed] = [await account(), await account()];
    const at = { workspaceId: workspace.id };
    expect(await accepted(kept, at, async () => undefined)).toEqual(["WORKSPACE_ADMIN"]);
    expect(await accepted(removed, at, () => db.serviceAccount.delete({ where: { id: removed.id } }))).toEqual([]);
  });

  it("also what the inviter holds by a team", async () => {
    const { workspace } = await build.workspace();
    const { team, member } = await build.team({ roles: [{ role: "WORKSPACE_ADMIN", workspaceId: workspace.id }] });
    const at = { workspaceId: workspace.id };
    expect(await accepted(member, at, async () => undefined)).toEqual(["WORKSPACE_ADMIN"]);
    expect(await accepted(member, at, () => db.teamMember.deleteMany({ where: { teamId: team.id } }))).toEqual([]);
  });
});

it("T18: nobody raises the role of an invitation beyond what they can grant", async () => {
  const { workspace, admin, editor } = await build.workspace();
  const email = "guest@example.com";
  const at = `email: "${email}", workspaceUuid: "${workspace.id}"`;
  const add = await as(admin).send(`mutation { workspaceAddUser(${at}, role: WORKSPACE_VIEWER) { id } }`);
  expect(add.errors).toBeUndefined();
  for (const field of ["workspaceUpdateUserRole", "workspaceUpsertUserRole"]) {
    const raise = `mutation { ${field}(${at}, role: WORKSPACE_ADMIN) }`;
    for (const someone of [editor, await build.user(), undefined]) {
      expect((await as(someone).send(raise)).errors).toHaveLength(1);
    }
  }
  const token = await mailbox.token("invite", email);
  const given = `email: "${email}", password: "four plain words", inviteToken: "${token}"`;
  const { errors } = await as(undefined).send(`mutation { createUser(${given}, role: WORKSPACE_ADMIN) { isAdmin } }`);
  expect(errors).toMatchObject([{ extensions: { code: "GRAPHQL_VALIDATION_FAILED" } }]);
  const { data } = await as(undefined).send(`mutation { createUser(${given}) { user { id } } }`);
  const held = await db.roleBinding.findMany({ where: { userId: data.createUser.user.id } });
  expect(held.map(({ role }) => role)).toEqual(["WORKSPACE_VIEWER"]);
});
