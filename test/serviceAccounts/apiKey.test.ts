import { describe, expect, it } from "vitest";
import { purgeTasks } from "../../src/platform/jobs/purge.ts";
import { everyRow } from "../support/everyRow.ts";
import { testHouston } from "../support/houston.ts";

const { app, as, build, db } = await testHouston();

const CREATE = `mutation ($label: String!, $id: Uuid!) {
  createWorkspaceServiceAccount(label: $label, workspaceUuid: $id, role: WORKSPACE_VIEWER) { id apiKey }
}`;
const LIST = `query ($id: Uuid!) { workspaceServiceAccounts(workspaceUuid: $id) { apiKey } }`;

const { workspace, admin, editor } = await build.workspace();
const { id } = workspace;

/**
 * A new account created by the Workspace's Admin, its key, and a function that returns what a caller sees of the key.
 */
async function createAccount(label: string) {
  const { data } = await as(admin).send(CREATE, { label, id });
  const { id: accountId, apiKey } = data.createWorkspaceServiceAccount as { id: string; apiKey: string };
  const ONE = `query ($id: Uuid!, $one: Uuid!) {
    workspaceServiceAccount(workspaceUuid: $id, serviceAccountUuid: $one) { apiKey }
  }`;
  const seenBy = async (someone: { token: string }) =>
    (await as(someone).send(ONE, { id, one: accountId })).data.workspaceServiceAccount.apiKey as string;
  return { accountId, apiKey, seenBy };
}

describe("apiKey", () => {
  it("is returned in full to its creator and as six characters to others", async () => {
    const { apiKey, seenBy } = await createAccount("shown");
    const systemAdmin = await build.systemAdmin();
    expect(await seenBy(admin)).toBe(apiKey);
    for (const other of [editor, systemAdmin, { token: apiKey }]) expect(await seenBy(other)).toBe(apiKey.slice(0, 6));
    const { data } = await as(editor).send(LIST, { id });
    expect(JSON.stringify(data)).not.toContain(apiKey);
  });

  it("is returned as six characters to its creator too after ten minutes", async () => {
    const { apiKey, seenBy } = await createAccount("timed");
    const clock = app.services.now;
    try {
      for (const [minutes, seen] of [
        [9.9, apiKey],
        [10.1, apiKey.slice(0, 6)],
      ] as const) {
        app.services.now = () => new Date(Date.now() + minutes * 60_000);
        expect(await seenBy(admin)).toBe(seen);
      }
    } finally {
      app.services.now = clock;
    }
  });

  it("cannot be recovered from the database after the purge, and still works", async () => {
    const { accountId, apiKey, seenBy } = await createAccount("purged");
    const young = await createAccount("young");
    const keyShownUntil = new Date(Date.now() - 60_000);
    await db.serviceAccount.update({ where: { id: accountId }, data: { keyShownUntil } });
    const query = (text: string) => app.services.pool.query(text);
    await purgeTasks.purgeKeys?.({}, { query } as never);
    const row = await db.serviceAccount.findUniqueOrThrow({ where: { id: accountId } });
    expect(row).toMatchObject({ keyEncrypted: null, keyShownUntil: null, keyStart: apiKey.slice(0, 6) });
    expect(await seenBy(admin)).toBe(apiKey.slice(0, 6));
    expect((await as({ token: apiKey }).send(LIST, { id })).errors).toBeUndefined();
    expect(await young.seenBy(admin)).toBe(young.apiKey);
  });

  it("is never stored in plain text", async () => {
    const { accountId, apiKey } = await createAccount("hidden");
    const text = await everyRow(db);
    expect(text).toContain(accountId);
    expect(text).not.toContain(apiKey.slice(4, 36));
    expect(text).not.toContain(Buffer.from(apiKey).toString("base64url"));
  });

  it("S2: can be decrypted for its own account only", async () => {
    const [one, other] = [await createAccount("one"), await createAccount("other")];
    const { keyEncrypted } = await db.serviceAccount.findUniqueOrThrow({ where: { id: one.accountId } });
    await db.serviceAccount.update({ where: { id: other.accountId }, data: { keyEncrypted } });
    const { data } = await as(admin).send(LIST, { id });
    expect(JSON.stringify(data)).not.toContain(other.apiKey);
    await db.serviceAccount.delete({ where: { id: other.accountId } });
  });
});

describe("apiKey by configuration", async () => {
  const { as, build, db } = await testHouston({ serviceAccounts: { showFor: 0, showFirstChars: 8 } });

  it.each([
    ["in one statement", "id key: apiKey"],
    ["with rows that are read again", "id key: apiKey roleBindings { workspace { id } }"],
  ])("is returned once by the creating mutation when it is shown for 0 minutes (%s)", async (_, selection) => {
    const { workspace, admin } = await build.workspace();
    const document = CREATE.replace("{ id apiKey }", `{ ${selection} }`);
    // Twice, so that the second one runs on the fast path.
    for (const label of ["first", "second"]) {
      const { data } = await as(admin).send(document, { label, id: workspace.id });
      const { id, key } = data.createWorkspaceServiceAccount;
      expect(key).toMatch(/^hou_[0-9A-Za-z]{32}_[0-9a-f]{8}$/);
      expect((await as({ token: key }).send(LIST, { id: workspace.id })).errors).toBeUndefined();
      expect(await db.serviceAccount.findUnique({ where: { id } })).toMatchObject({
        keyEncrypted: null,
        keyShownUntil: null,
      });
      const { data: later } = await as(admin).send(LIST, { id: workspace.id });
      expect(later.workspaceServiceAccounts).toContainEqual({ apiKey: key.slice(0, 8) });
    }
  });
});
