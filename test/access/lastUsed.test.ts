import { describe, expect, it } from "vitest";
import { countStatements } from "../support/countStatements.ts";
import { testHouston } from "../support/houston.ts";

const { app, as, build, db } = await testHouston();

const READ = `query ($id: Uuid!) { workspace(workspaceUuid: $id) { id } }`;
const LIST = `query ($id: Uuid!) { workspaceServiceAccounts(workspaceUuid: $id) { lastUsedAt } }`;

async function buildAccount() {
  const { workspace, viewer } = await build.workspace();
  const account = await build.serviceAccount({ role: "WORKSPACE_VIEWER", workspaceId: workspace.id });
  return { id: workspace.id, account, viewer };
}

const stored = (id: string) => db.serviceAccount.findUniqueOrThrow({ where: { id } });

describe("lastUsedAt", () => {
  it("is written once for all requests, none of which waits for it", async () => {
    const { id, account } = await buildAccount();
    const { statements } = await countStatements(() =>
      Promise.all(Array.from({ length: 50 }, () => as(account).send(READ, { id }))),
    );
    expect(statements.filter((sql) => /^\s*(UPDATE|INSERT|BEGIN)/i.test(sql) && !sql.includes("graphile"))).toEqual([]);
    expect(await stored(account.id)).toMatchObject({ lastUsedAt: null });

    const flushed = await countStatements(() => app.services.lastUsed.flush(), { scheduled: true });
    expect(flushed.statements.filter((sql) => sql.includes("lastUsedAt"))).toHaveLength(1);
    const { lastUsedAt } = await stored(account.id);
    expect(Math.abs(Date.now() - Number(lastUsedAt))).toBeLessThan(10_000);
  });

  it("is returned to callers who may list the account, and leaves updatedAt unchanged", async () => {
    const { id, account, viewer } = await buildAccount();
    expect((await as(viewer).send(LIST, { id })).data.workspaceServiceAccounts).toEqual([{ lastUsedAt: null }]);
    const at = new Date("2026-11-21T06:43:42.383Z");
    app.services.lastUsed.touch(account.id, at);
    await app.services.lastUsed.flush();
    const { data } = await as(viewer).send(LIST, { id });
    expect(data.workspaceServiceAccounts).toEqual([{ lastUsedAt: at.toISOString() }]);
    expect((await stored(account.id)).updatedAt).toEqual(account.updatedAt);
  });

  it("never goes back, and ignores deleted accounts", async () => {
    const { account } = await buildAccount();
    const { touch, flush } = app.services.lastUsed;
    touch(account.id, new Date("2026-11-21T10:00:00Z"));
    touch("nobody", new Date());
    await flush();
    touch(account.id, new Date("2026-11-21T09:00:00Z"));
    await flush();
    expect((await stored(account.id)).lastUsedAt).toEqual(new Date("2026-11-21T10:00:00Z"));
  });

  it("sends no statement when no account was used", async () => {
    const { statements } = await countStatements(() => app.services.lastUsed.flush(), { scheduled: true });
    expect(statements.filter((sql) => sql.includes("lastUsedAt"))).toEqual([]);
  });
});
