import { describe, expect, it } from "vitest";
import { purgeTasks } from "../../src/platform/jobs/purge.ts";
import { countStatements } from "./countStatements.ts";
import { testHouston } from "./houston.ts";

const { app, build } = await testHouston();
const { pool, lastUsed } = app.services;

/** Sends what the server otherwise sends on its own schedule. */
async function runSchedule() {
  const job = { query: (text: string) => pool.query(text), logger: { warn: () => undefined } };
  for (const task of Object.values(purgeTasks)) await task?.({}, job as never);
  await lastUsed.flush();
}

describe("countStatements", () => {
  it("ignores statements that the server sends on its own schedule", async () => {
    const { workspace } = await build.workspace();
    const account = await build.serviceAccount({ role: "WORKSPACE_VIEWER", workspaceId: workspace.id });
    lastUsed.touch({ kind: "apiKey", hash: account.keyHash }, account.id, new Date());
    const { statements } = await countStatements(runSchedule);
    expect(statements).toEqual([]);
    lastUsed.touch({ kind: "apiKey", hash: account.keyHash }, account.id, new Date());
    const all = await countStatements(runSchedule, { scheduled: true });
    const sent = all.statements.join("\n");
    for (const text of ['SET "keyEncrypted" = NULL', "recount_rows()", 'SET "lastUsedAt"'])
      expect(sent).toContain(text);
  });

  it("counts every other statement with its parameters", async () => {
    const { statements, values } = await countStatements(() => pool.query({ text: "SELECT $1::int", values: [1] }));
    expect({ statements, values }).toEqual({ statements: ["SELECT $1::int"], values: [[1]] });
  });
});
