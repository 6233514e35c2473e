import { expect, it } from "vitest";
import type { Role } from "../../src/generated/prisma/client.ts";
import { DENIED } from "../../src/platform/errors/appError.ts";
import type { Someone } from "../support/as.ts";
import type { Build } from "../support/build.ts";
import { countStatements } from "../support/countStatements.ts";
import type { testHouston } from "../support/houston.ts";

/**
 * Cases that the fields for Workspaces and those for Deployments have in common. `$home` is the scope in each document.
 */

type Houston = Awaited<ReturnType<typeof testHouston>>;
export type Level = "Workspace" | "Deployment";
type Rank = "ADMIN" | "EDITOR" | "VIEWER";

const roleOf = (level: Level, rank: Rank) => `${level === "Workspace" ? "WORKSPACE" : "DEPLOYMENT"}_${rank}` as const;

/** A Workspace or Deployment with a user of each role, and a function that creates service accounts in it. */
export async function scopeOf(build: Build, level: Level) {
  const users = level === "Workspace" ? await build.workspace() : await build.deployment();
  const row = "deployment" in users ? users.deployment : users.workspace;
  const workspaceId = "deployment" in users ? users.deployment.workspaceId : row.id;
  const scope = level === "Workspace" ? { workspaceId } : { deploymentId: row.id };
  const account = (rank: Rank = "VIEWER") => build.serviceAccount({ role: roleOf(level, rank), ...scope });
  return { home: row.id, workspaceId, admin: users.admin, editor: users.editor, viewer: users.viewer, account };
}

/** A service account on the other level: in a Deployment of the Workspace, or in the Workspace of the Deployment. */
async function accountOnOtherLevel(build: Build, level: Level, workspaceId: string) {
  if (level === "Deployment") return build.serviceAccount({ role: "WORKSPACE_VIEWER", workspaceId });
  const { deployment } = await build.deployment({ workspaceId });
  return build.serviceAccount({ role: "DEPLOYMENT_VIEWER", deploymentId: deployment.id });
}

/** Service accounts outside a scope: in another scope of its level, on the system, and on the other level. */
async function accountsElsewhere(build: Build, level: Level, workspaceId: string) {
  const other = await scopeOf(build, level);
  return [
    await other.account(),
    await build.serviceAccount({ role: "SYSTEM_ADMIN" }),
    await accountOnOtherLevel(build, level, workspaceId),
  ];
}

/** Sends a `create` document and expects an account with its label, or a denied request that stores nothing. */
export async function expectCreated(
  { as, db }: Houston,
  document: string,
  someone: Someone,
  variables: { label: string; role: string; [name: string]: string },
  allowed: boolean,
) {
  const { errors } = await as(someone).send(document, variables);
  if (allowed) expect(errors).toBeUndefined();
  else expect(errors).toMatchObject([{ message: DENIED }]);
  expect(await db.serviceAccount.count({ where: { label: variables.label } })).toBe(allowed ? 1 : 0);
}

/** Cases of `create…`: roles of other levels. */
export function itRejectsRoles(
  { as }: Houston,
  document: string,
  roles: readonly Role[],
  caller: Someone,
  variables: object,
) {
  it.each(roles)("rejects the role %s", async (role) => {
    const { errors } = await as(caller).send(document, { label: "Misfit", ...variables, role });
    expect(errors).toMatchObject([{ extensions: { code: "BAD_USER_INPUT", argument: "role" } }]);
  });
}

/** Cases of `workspaceServiceAccount` and `deploymentServiceAccount`. */
export function itReads({ as, build }: Houston, level: Level, field: string, document: string) {
  it("returns a service account with the start of its key", async () => {
    const { home, viewer, account } = await scopeOf(build, level);
    const { id, label, keyStart } = await account();
    const { data } = await as(viewer).send(document, { id, home });
    expect(data[field]).toEqual({ id, uuid: id, label, apiKey: keyStart, entityUuid: home });
  });

  it("denies outsiders and anonymous callers", async () => {
    const { home, account } = await scopeOf(build, level);
    const { id } = await account();
    for (const someone of [await build.user(), (await scopeOf(build, level)).admin, undefined]) {
      const { errors } = await as(someone).send(document, { id, home });
      expect(errors).toMatchObject([{ message: DENIED }]);
    }
  });

  it("returns NOT_FOUND for accounts elsewhere and unknown ones", async () => {
    const { home, workspaceId, admin } = await scopeOf(build, level);
    const foreign = await accountsElsewhere(build, level, workspaceId);
    for (const { id } of [...foreign, { id: "nowhere" }, { id: "" }]) {
      const { data, errors } = await as(admin).send(document, { id, home });
      expect(data).toEqual({ [field]: null });
      expect(errors).toMatchObject([{ extensions: { code: "NOT_FOUND", argument: "serviceAccountUuid" } }]);
    }
  });
}

/** Cases of `workspaceServiceAccounts` and `deploymentServiceAccounts`. */
export function itLists({ as, build }: Houston, level: Level, field: string, document: string) {
  it("lists the accounts of the scope itself, oldest first, always in two statements", async () => {
    const { home, workspaceId, viewer, account } = await scopeOf(build, level);
    await accountOnOtherLevel(build, level, workspaceId);
    await build.serviceAccount({ role: "SYSTEM_ADMIN" });
    for (const count of [1, 5]) {
      const accounts: Awaited<ReturnType<typeof account>>[] = [];
      while (accounts.length < count) accounts.push(await account("EDITOR"));
      const { result, statements } = await countStatements(() => as(viewer).send(document, { home }));
      expect(result.data[field].slice(-count)).toEqual(
        accounts.map(({ id, label, keyStart }) => ({
          id,
          label,
          apiKey: keyStart,
          entityType: level.toUpperCase(),
          roleBindings: [{ role: roleOf(level, "EDITOR"), [level.toLowerCase()]: { id: home } }],
        })),
      );
      expect(statements).toHaveLength(2);
    }
    const all = await as(viewer).send(document, { home });
    expect(all.data[field]).toHaveLength(6);
  });

  it("denies outsiders, other scopes' accounts and anonymous callers, as for an unknown scope", async () => {
    const { home } = await scopeOf(build, level);
    const other = await scopeOf(build, level);
    const account = await other.account("ADMIN");
    for (const scope of [home, "nowhere"]) {
      for (const someone of [await build.user(), other.admin, account, undefined]) {
        const { status, data, errors } = await as(someone).send(document, { home: scope });
        expect({ status, data }).toEqual({ status: 200, data: { [field]: null } });
        expect(errors).toMatchObject([{ message: DENIED }]);
      }
    }
  });

  it("returns an empty list, and NOT_FOUND to a System Viewer for an unknown scope", async () => {
    const { home } = await scopeOf(build, level);
    const systemViewer = await build.user({ roles: [{ role: "SYSTEM_VIEWER" }] });
    const { data } = await as(systemViewer).send(document, { home });
    expect(data).toEqual({ [field]: [] });
    const argument = expect.stringContaining(`${level.toLowerCase()}Uuid`);
    for (const [scope, code] of [
      ["nowhere", "NOT_FOUND"],
      ["", "BAD_USER_INPUT"],
    ]) {
      const { errors } = await as(systemViewer).send(document, { home: scope });
      expect(errors).toMatchObject([{ extensions: { code, argument } }]);
    }
  });
}

/** Cases of `updateWorkspaceServiceAccount` and `updateDeploymentServiceAccount`. */
export function itUpdates({ as, build, db }: Houston, level: Level, field: string, document: string) {
  const stored = (id: string) => db.serviceAccount.findUniqueOrThrow({ where: { id } });
  const payload = { label: "Renamed" };

  it("changes label and category and keeps the key", async () => {
    const { home, editor, account } = await scopeOf(build, level);
    const { id, keyHash } = await account();
    const sent = { id, home, payload: { label: " Renamed ", category: "build" } };
    const { data } = await as(editor).send(document, sent);
    expect(data[field]).toEqual({ id, label: "Renamed", category: "build" });
    expect(await stored(id)).toMatchObject({ label: "Renamed", category: "build", keyHash });
    expect(await db.auditEntry.findFirst({ where: { entityId: id } })).toMatchObject({
      action: "updateServiceAccount",
      actor: `user:${editor.id}`,
    });
  });

  it("denies viewers, outsiders and anonymous callers", async () => {
    const { home, viewer, account } = await scopeOf(build, level);
    const { id, label } = await account();
    for (const someone of [viewer, await build.user(), undefined]) {
      const { errors } = await as(someone).send(document, { id, home, payload });
      expect(errors).toMatchObject([{ message: DENIED }]);
    }
    expect(await stored(id)).toMatchObject({ label });
  });

  it("returns NOT_FOUND for accounts elsewhere", async () => {
    const { home, workspaceId, admin } = await scopeOf(build, level);
    for (const { id, label } of await accountsElsewhere(build, level, workspaceId)) {
      const { errors } = await as(admin).send(document, { id, home, payload });
      expect(errors).toMatchObject([
        {
          message: "serviceAccountUuid: unknown service account in this scope",
          extensions: { code: "NOT_FOUND", argument: "serviceAccountUuid" },
        },
      ]);
      expect(await stored(id)).toMatchObject({ label });
    }
  });

  it.each([
    [{ label: "x".repeat(81) }, "payload.label"],
    [{ active: false }, "payload"],
    [7, "payload"],
  ])("rejects the payload %j", async (invalid, argument) => {
    const { home, editor, account } = await scopeOf(build, level);
    const { id, label } = await account();
    const { errors } = await as(editor).send(document, { id, home, payload: invalid });
    expect(errors).toMatchObject([{ extensions: { code: "BAD_USER_INPUT", argument } }]);
    expect(await stored(id)).toMatchObject({ label });
  });

  it("accepts a label in use", async () => {
    const { home, editor, account } = await scopeOf(build, level);
    const [first, second] = [await account(), await account()];
    const sent = { id: first.id, home, payload: { label: second.label } };
    expect((await as(editor).send(document, sent)).errors).toBeUndefined();
    expect(await stored(first.id)).toMatchObject({ label: second.label });
  });
}

/**
 * Cases of `deleteWorkspaceServiceAccount` and `deleteDeploymentServiceAccount`. `list` shows the accounts of the
 * scope.
 */
export function itDeletes({ as, build, db }: Houston, level: Level, field: string, document: string) {
  const listField = `${level.toLowerCase()}ServiceAccounts`;
  const list = `query ($home: Uuid!) { ${listField}(${level.toLowerCase()}Uuid: $home) { id } }`;

  it("deletes the account and its role, returns it and revokes its key immediately", async () => {
    const { home, editor, account } = await scopeOf(build, level);
    const deleted = await account();
    const { id, label } = deleted;
    expect((await as(deleted).send(list, { home })).data).toEqual({ [listField]: [{ id }] });
    const { data } = await as(editor).send(document, { id, home });
    expect(data[field]).toEqual({ id, label, roleBindings: [{ role: roleOf(level, "VIEWER") }] });
    expect(await db.serviceAccount.findUnique({ where: { id } })).toBeNull();
    expect(await db.roleBinding.findFirst({ where: { serviceAccountId: id } })).toBeNull();
    expect((await as(deleted).send(list, { home })).errors).toMatchObject([
      { message: DENIED, extensions: { code: "UNAUTHENTICATED" } },
    ]);
    expect(await db.auditEntry.findFirst({ where: { entityId: id } })).toMatchObject({
      action: "deleteServiceAccount",
      actor: `user:${editor.id}`,
      detail: { label },
    });
  });

  it("denies viewers, outsiders and anonymous callers", async () => {
    const { home, viewer, account } = await scopeOf(build, level);
    const { id } = await account();
    for (const someone of [viewer, await build.user(), undefined]) {
      const { errors } = await as(someone).send(document, { id, home });
      expect(errors).toMatchObject([{ message: DENIED }]);
    }
    expect(await db.serviceAccount.count({ where: { id } })).toBe(1);
  });

  it("returns NOT_FOUND for accounts elsewhere and unknown ones", async () => {
    const { home, workspaceId, admin } = await scopeOf(build, level);
    const foreign = await accountsElsewhere(build, level, workspaceId);
    for (const { id } of [...foreign, { id: "nowhere" }]) {
      const { data, errors } = await as(admin).send(document, { id, home });
      expect(data[field]).toBeNull();
      expect(errors).toMatchObject([{ extensions: { code: "NOT_FOUND", argument: "serviceAccountUuid" } }]);
    }
    expect(await db.serviceAccount.count({ where: { id: { in: foreign.map(({ id }) => id) } } })).toBe(3);
  });

  it("succeeds once for twenty concurrent requests", async () => {
    const { home, editor, account } = await scopeOf(build, level);
    const { id } = await account();
    const answers = await Promise.all(Array.from({ length: 20 }, () => as(editor).send(document, { id, home })));
    expect(answers.filter(({ errors }) => errors === undefined)).toHaveLength(1);
    const codes = answers.flatMap(({ errors }) => errors?.map(({ extensions }) => extensions.code) ?? []);
    expect(new Set(codes)).toEqual(new Set(["NOT_FOUND"]));
    expect(await db.auditEntry.count({ where: { entityId: id } })).toBe(1);
  });
}
