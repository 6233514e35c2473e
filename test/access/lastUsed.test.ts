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

const credentialOf = (hash: string) => ({ kind: "apiKey", hash }) as const;

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
    app.services.lastUsed.touch(credentialOf(account.keyHash), account.id, at);
    await app.services.lastUsed.flush();
    const { data } = await as(viewer).send(LIST, { id });
    expect(data.workspaceServiceAccounts).toEqual([{ lastUsedAt: at.toISOString() }]);
    expect((await stored(account.id)).updatedAt).toEqual(account.updatedAt);
  });

  it("never goes back, and ignores deleted accounts", async () => {
    const { account } = await buildAccount();
    const { touch, flush } = app.services.lastUsed;
    touch(credentialOf(account.keyHash), account.id, new Date("2026-11-21T10:00:00Z"));
    touch(credentialOf("nothing"), "nobody", new Date());
    await flush();
    touch(credentialOf(account.keyHash), account.id, new Date("2026-11-21T09:00:00Z"));
    await flush();
    expect((await stored(account.id)).lastUsedAt).toEqual(new Date("2026-11-21T10:00:00Z"));
  });

  it("of sessions is written by one statement too, and at most once a minute", async () => {
    const { id, viewer } = await buildAccount();
    const { flush, touch } = app.services.lastUsed;
    await flush();
    await Promise.all(Array.from({ length: 20 }, () => as(viewer).send(READ, { id })));
    const flushed = await countStatements(flush, { scheduled: true });
    expect(flushed.statements.filter((sql) => sql.includes("lastUsedAt"))).toHaveLength(1);
    const session = () => db.session.findFirstOrThrow({ where: { userId: viewer.id } });
    const { id: sessionId, lastUsedAt } = await session();
    expect(Math.abs(Date.now() - Number(lastUsedAt))).toBeLessThan(10_000);
    const later = async (seconds: number) => {
      touch(
        { kind: "session", userId: viewer.id, sessionId },
        viewer.id,
        new Date(Number(lastUsedAt) + seconds * 1_000),
      );
      await flush();
      return (Number((await session()).lastUsedAt) - Number(lastUsedAt)) / 1_000;
    };
    expect([await later(59), await later(61), await later(-100)]).toEqual([0, 61, 61]);
  });

  it("sends no statement when no account was used", async () => {
    await app.services.lastUsed.flush();
    const { statements } = await countStatements(() => app.services.lastUsed.flush(), { scheduled: true });
    expect(statements.filter((sql) => sql.includes("lastUsedAt"))).toEqual([]);
  });
});
