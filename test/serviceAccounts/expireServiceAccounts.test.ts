import { describe, expect, it } from "vitest";
import { fromJob } from "../../src/platform/audit/origin.ts";
import { expireServiceAccounts } from "../../src/services/serviceAccounts/expireServiceAccounts.ts";
import type { Someone } from "../support/as.ts";
import { testHouston } from "../support/houston.ts";
import { outcomeOf } from "../support/outcome.ts";

const { app, as, build, db } = await testHouston({ expireServiceAccounts: { after: 7 } });
const systemAdmin = await build.systemAdmin();

const author = {
  caller: { kind: "job", id: "expireServiceAccounts" },
  requestId: "job:1",
  origin: fromJob,
} as const;
const run = (after = 7) => {
  const config = {
    ...app.services.config,
    expireServiceAccounts: { ...app.services.config.expireServiceAccounts, after },
  };
  return expireServiceAccounts.run({ ...app.services, config }, author, new AbortController().signal);
};

async function create(someone: Someone, workspaceId: string, role = "WORKSPACE_EDITOR") {
  const { data } = await as(someone).send(
    `mutation { result: createWorkspaceServiceAccount(workspaceUuid: "${workspaceId}", label: "CI", role: ${role}) {
      id apiKey } }`,
  );
  return { id: data.result.id as string, token: data.result.apiKey as string };
}
const remove = (someone: Someone, workspaceUuid: string, userUuid: string) =>
  as(someone).send(
    `mutation { workspaceRemoveUser(workspaceUuid: "${workspaceUuid}", userUuid: "${userUuid}") { id } }`,
  );
const rotate = async (someone: Someone, id: string) => {
  const { data } = await as(someone).send(
    `mutation { result: rotateServiceAccountKey(serviceAccountUuid: "${id}", graceMinutes: 0) { apiKey } }`,
  );
  return { token: data.result.apiKey as string };
};
const expiryOf = async (id: string) => (await db.serviceAccount.findUniqueOrThrow({ where: { id } })).expiresAt;
const days = (time: Date | null) => time && Math.round((time.getTime() - Date.now()) / 86_400_000);
const isAccepted = async (someone: Someone) => outcomeOf(await as(someone).send("{ self { isAdmin } }")) === "ok";

describe("expireServiceAccounts", () => {
  it("lets the keys of somebody who was removed expire, once, and no others", async () => {
    const { workspace, admin, editor } = await build.workspace();
    const [theirs, ours] = [await create(editor, workspace.id), await create(admin, workspace.id)];
    await rotate(editor, theirs.id);
    await run();
    expect(await expiryOf(theirs.id)).toBeNull();
    await remove(admin, workspace.id, editor.id);
    await db.auditEntry.deleteMany({ where: { actor: "job:expireServiceAccounts" } });
    expect(await run()).toBe(1);
    const expiresAt = await expiryOf(theirs.id);
    expect(days(expiresAt)).toBe(7);
    expect(await expiryOf(ours.id)).toBeNull();
    expect(await run()).toBe(0);
    expect(await expiryOf(theirs.id)).toEqual(expiresAt);
    const entries = await db.auditEntry.findMany({ where: { actor: "job:expireServiceAccounts" } });
    expect(entries).toMatchObject([
      {
        ...{ action: "expireServiceAccounts", entityId: theirs.id, workspaceId: workspace.id, via: "job" },
        detail: { label: "CI", expiresAt: expiresAt?.toISOString() },
      },
    ]);
  });

  it("ends both keys at once if so configured", async () => {
    const { workspace, admin, editor } = await build.workspace();
    const first = await create(editor, workspace.id);
    const { data } = await as(editor).send(
      `mutation { result: rotateServiceAccountKey(serviceAccountUuid: "${first.id}") { apiKey } }`,
    );
    const second = { token: data.result.apiKey };
    await db.user.delete({ where: { id: editor.id } });
    expect([await isAccepted(first), await isAccepted(second)]).toEqual([true, true]);
    await run(0);
    expect([await isAccepted(first), await isAccepted(second)]).toEqual([false, false]);
    const list = `{ workspaceServiceAccounts(workspaceUuid: "${workspace.id}") { id creatorRemoved } }`;
    const shown = await as(admin).send(list);
    expect(shown.data.workspaceServiceAccounts).toEqual([{ id: first.id, creatorRemoved: true }]);
  });

  it("covers accounts that such an account created", async () => {
    const { workspace, admin, editor } = await build.workspace();
    const parent = await create(editor, workspace.id);
    const child = await create(parent, workspace.id);
    const grandchild = await create(child, workspace.id);
    await remove(admin, workspace.id, editor.id);
    await run();
    for (const { id } of [parent, child, grandchild]) expect(days(await expiryOf(id))).toBe(7);
  });

  it("is not evaded by an account that rotates its key or another's", async () => {
    const { workspace, admin, editor } = await build.workspace();
    const parent = await create(editor, workspace.id);
    const child = await create(parent, workspace.id);
    await remove(admin, workspace.id, editor.id);
    await run();
    const [before, childBefore] = [await expiryOf(parent.id), await expiryOf(child.id)];
    const next = await rotate(parent, parent.id);
    await rotate(next, child.id);
    expect([await expiryOf(parent.id), await expiryOf(child.id)]).toEqual([before, childBefore]);
  });

  it("leaves an account alone whose key somebody else has rotated", async () => {
    const { workspace, admin, editor } = await build.workspace();
    const account = await create(editor, workspace.id);
    await remove(admin, workspace.id, editor.id);
    await run();
    await rotate(admin, account.id);
    expect(await expiryOf(account.id)).toBeNull();
    await run();
    expect(await expiryOf(account.id)).toBeNull();
  });

  it("does not extend a key that expires earlier", async () => {
    const { workspace, editor } = await build.workspace();
    const { id } = await create(editor, workspace.id);
    const tomorrow = new Date(Date.now() + 86_400_000);
    await db.serviceAccount.update({ where: { id }, data: { expiresAt: tomorrow } });
    await db.user.delete({ where: { id: editor.id } });
    await run();
    expect(await expiryOf(id)).toEqual(tomorrow);
  });

  it("covers API keys of Organizations", async () => {
    const { organization, owner } = await build.organization();
    const key = await build.serviceAccount({ role: "ORGANIZATION_ROUTER", organizationId: organization.id });
    await db.serviceAccount.update({ where: { id: key.id }, data: { createdBy: `user:${owner.id}` } });
    await run();
    expect(await expiryOf(key.id)).toBeNull();
    await db.roleBinding.deleteMany({ where: { userId: owner.id } });
    await run();
    expect(days(await expiryOf(key.id))).toBe(7);
  });

  it("leaves accounts of System Admins alone", async () => {
    const { workspace } = await build.workspace();
    const account = await create(systemAdmin, workspace.id);
    await run();
    expect(await expiryOf(account.id)).toBeNull();
  });
});
