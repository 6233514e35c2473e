import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { DEFAULT_ORGANIZATION } from "../../src/access/scopePaths.ts";
import { type DatabaseFaults, databaseFaults } from "../support/databaseFaults.ts";
import { testHouston } from "../support/houston.ts";

const { as, build, db, url } = await testHouston();
let faults: DatabaseFaults;
beforeAll(async () => {
  faults = await databaseFaults(db, ["Workspace", "RoleBinding", "AuditEntry"]);
});
afterEach(() => faults.fail());

const RENAME = `mutation ($id: Uuid!, $payload: JSON!) {
  updateWorkspace(workspaceUuid: $id, payload: $payload) { label }
}`;
const ADD = `mutation ($id: Uuid!, $email: String!) {
  workspaceAddUser(workspaceUuid: $id, email: $email, role: WORKSPACE_VIEWER) { id }
}`;
let names = 0;
const newName = () => `Name ${++names}`;

/** Ways of writing: one statement, and transactions that Prisma runs with its own and with hand-written statements. */
const ways = {
  async "one statement"() {
    const { workspace, admin } = await build.workspace();
    const label = newName();
    const written = () => db.workspace.count({ where: { id: workspace.id, label } });
    return { send: () => as(admin).send(RENAME, { id: workspace.id, payload: { label } }), written };
  },
  async "a transaction"() {
    const { workspace, admin } = await build.workspace();
    const { id: userId, email } = await build.user();
    const written = () => db.roleBinding.count({ where: { workspaceId: workspace.id, userId } });
    return { send: () => as(admin).send(ADD, { id: workspace.id, email }), written };
  },
};
const cases = [
  ["one statement", "Workspace"],
  ["a transaction", "RoleBinding"],
  ["a transaction", "AuditEntry"],
] as const;

/** What PostgreSQL reports when it cannot do something now. */
const TEMPORARY = {
  "08006": "the connection failed",
  "25P03": "a transaction was idle for too long",
  "53100": "the disk is full",
  "53200": "memory is used up",
  "53300": "there are too many connections",
  "55P03": "a lock was not available",
  "57014": "the statement took too long",
  "57P01": "an administrator stops it",
  "58030": "the disk failed",
  cut: "it ends the connection",
};

describe.each(cases)("%s that PostgreSQL rejects at %s", (way, table) => {
  it.each(Object.entries(TEMPORARY))("with %s, because %s, ends with SERVICE_UNAVAILABLE, then works", async (code) => {
    const { send, written } = await ways[way]();
    await faults.fail(table, code);
    // The second one may take the fast path.
    for (let n = 0; n < 2; n += 1) {
      const { errors, status } = await send();
      expect(errors?.map(({ extensions }) => extensions.code)).toEqual(["SERVICE_UNAVAILABLE"]);
      expect(errors?.[0]?.message).toBe("The database is temporarily unavailable; try again");
      expect(status).toBe(200);
    }
    expect(await written()).toBe(0);
    await faults.fail();
    expect((await send()).errors).toBeUndefined();
    expect(await written()).toBe(1);
  });

  it("with an unexpected error ends with INTERNAL_SERVER_ERROR, without details", async () => {
    const { send } = await ways[way]();
    await faults.fail(table, "XX000");
    const { errors } = await send();
    expect(errors?.[0]).toMatchObject({
      message: "Internal server error",
      extensions: { code: "INTERNAL_SERVER_ERROR" },
    });
  });
});

describe("F13: after a conflict with another transaction", () => {
  describe.each(["40001", "40P01"])("%s", (code) => {
    it.each(cases)("%s (%s) is retried up to three times, and writes once", async (way, table) => {
      const { send, written } = await ways[way]();
      // First Apollo's path, then the fast path where the document allows it.
      for (let n = 0; n < 2; n += 1) {
        const before = await db.auditEntry.count();
        await faults.fail(table, code, 3);
        const { errors } = await send();
        if (way === "one statement" || n === 0) {
          expect(errors).toBeUndefined();
          expect(await faults.failed()).toBe(3);
          expect(await db.auditEntry.count()).toBe(before + 1);
        }
        expect(await written()).toBe(1);
      }
    });

    it.each(cases)("%s (%s) that conflicts each time ends with SERVICE_UNAVAILABLE", async (way, table) => {
      const { send, written } = await ways[way]();
      for (let n = 0; n < 2; n += 1) {
        await faults.fail(table, code);
        expect((await send()).errors?.[0]?.extensions.code).toBe("SERVICE_UNAVAILABLE");
        // What a batch on the fast path rejected is then run alone, which is not one of the three.
        expect([4, 5]).toContain(await faults.failed());
        expect(await written()).toBe(0);
      }
    });
  });
});

describe("the Platform API", () => {
  it("answers 503 with Retry-After while the database is unavailable", async () => {
    const { workspace } = await build.workspace();
    const admin = await build.systemAdmin();
    const path = `/platform/v1beta1/organizations/${DEFAULT_ORGANIZATION}/workspaces/${workspace.id}`;
    const send = () =>
      fetch(`${url}${path}`, {
        method: "POST",
        headers: { "content-type": "application/json", authorization: `Bearer ${admin.token}` },
        body: JSON.stringify({ name: newName(), description: "", cicdEnforcedDefault: false }),
      });
    await faults.fail("Workspace", "53100");
    const response = await send();
    expect(response.status).toBe(503);
    expect(response.headers.get("retry-after")).toMatch(/^[1-9]\d*$/);
    expect(await response.json()).toEqual({
      message: "The database is temporarily unavailable; try again",
      requestId: expect.any(String),
      statusCode: 503,
    });
    await faults.fail();
    expect((await send()).status).toBe(200);
  });
});
