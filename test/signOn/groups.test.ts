import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { afterAll, describe, expect, it } from "vitest";
import type { IdentityProvider } from "../support/identityProvider.ts";
import { signOnHouston } from "../support/signOn.ts";

/** Microsoft Graph: what it was asked, and what it answers. */
const graph = { asked: [] as unknown[], groups: [] as string[], status: 200 };
const graphServer = createServer(async (request, response) => {
  graph.asked.push({ path: request.url, authorization: request.headers.authorization, body: await text(request) });
  response.writeHead(graph.status, { "content-type": "application/json" });
  response.end(JSON.stringify({ value: graph.groups }));
});
await new Promise<void>((resolve) => graphServer.listen(0, "127.0.0.1", resolve));
afterAll(() => graphServer.close());
const graphUrl = `http://127.0.0.1:${(graphServer.address() as AddressInfo).port}`;

const emailDomains = ["example.com"];
const houston = await signOnHouston(
  {
    custom: { emailDomains },
    okta: { emailDomains, claimsMapping: { groups: "realm_access.roles" } },
    microsoft: { emailDomains, claimsMapping: { email: "email" }, fetchGroups: true, graphUrl },
  },
  {
    allowedSystemLevelDomains: ["example.com", "example.org"],
    auth: {
      openidConnect: {
        idpGroupsImportEnabled: true,
        teamFilterRegex: "^(team|data)-|^/?sub/|^[0-9a-f-]{36}$|^all-",
        manageSystemPermissionsViaIdpGroups: {
          enabled: true,
          systemAdmin: ["admins"],
          systemEditor: ["editors"],
          systemViewer: ["viewers"],
        },
      },
    },
  },
);
const { base, browser, db, idps, build } = houston;
const lastAdmin = await build.systemAdmin();
const first = `${base}/app/`;
let count = 0;

/** Someone who signs in with these claims, and again with others. */
async function member(idp: IdentityProvider, provider: string, claims: object, more: object = {}) {
  const email = `member${++count}@example.com`;
  const sub = idp.account({ email, email_verified: true, ...more, ...claims });
  expect((await browser().signIn(provider)).url).toBe(first);
  const { userId } = await db.email.findUniqueOrThrow({ where: { address: email } });
  return {
    userId,
    email,
    async again(now: object) {
      idp.accounts.set(sub, { email, email_verified: true, ...more, ...now });
      idp.next = sub;
      expect((await browser().signIn(provider)).url).toBe(first);
    },
    teams: async () => {
      const teams = await db.team.findMany({
        where: { members: { some: { userId } } },
        select: { name: true, provider: true },
        orderBy: { name: "asc" },
      });
      return teams.map((team) => `${team.provider}/${team.name}`);
    },
    systemRoles: async () => {
      const bindings = await db.roleBinding.findMany({ where: { userId, workspaceId: null, deploymentId: null } });
      return bindings.map(({ role }) => role);
    },
  };
}

describe("groups of an identity provider", () => {
  it("become teams with its name, which follow them at each sign-in", async () => {
    const one = await member(idps.custom, "custom", { groups: ["team-a", "/team-b", "other", "team-a"] });
    expect(await one.teams()).toEqual(["custom/team-a", "custom/team-b"]);
    await one.again({ groups: ["team-b", "team-c"] });
    expect(await one.teams()).toEqual(["custom/team-b", "custom/team-c"]);
    const team = await db.team.findUniqueOrThrow({ where: { provider_name: { provider: "custom", name: "team-a" } } });
    expect(await db.teamMember.count({ where: { teamId: team.id } })).toBe(0);
    const entries = await db.auditEntry.findMany({
      where: { action: "importTeams", entityId: one.userId },
      orderBy: { sequence: "asc" },
    });
    expect(entries.map(({ detail }) => detail)).toEqual([
      { provider: "custom", added: ["team-a", "team-b"], removed: [] },
      { provider: "custom", added: ["team-c"], removed: ["team-a"] },
    ]);
    const created = await db.auditEntry.findFirstOrThrow({ where: { action: "createTeam", entityId: team.id } });
    expect(created).toMatchObject({ actor: `user:${one.userId}`, detail: { name: "team-a", provider: "custom" } });
    await one.again({});
    expect(await one.teams()).toEqual([]);
  });

  it("leave the teams of others as they are: local ones, and those of another provider with the same name", async () => {
    const one = await member(idps.custom, "custom", { groups: ["team-same"] });
    const local = await db.team.create({ data: { name: "team-same", provider: "local" } });
    const okta = await db.team.create({ data: { name: "team-same", provider: "okta" } });
    for (const { id: teamId } of [local, okta]) await db.teamMember.create({ data: { teamId, userId: one.userId } });
    await one.again({ groups: [] });
    expect(await one.teams()).toEqual(["local/team-same", "okta/team-same"]);
  });

  it("may be in a nested claim, or be one name", async () => {
    const roles = (...names: unknown[]) => ({ realm_access: { roles: names } });
    const one = await member(idps.okta, "okta", roles("team-a", 7, null, "/sub/team"));
    expect(await one.teams()).toEqual(["okta/sub/team", "okta/team-a"]);
    await one.again({ realm_access: { roles: "team-b" } });
    expect(await one.teams()).toEqual(["okta/team-b"]);
  });

  it("lose their permissions with the next request after the sign-in", async () => {
    const { workspace } = await build.workspace();
    const one = await member(idps.custom, "custom", { groups: ["team-permission"] });
    const team = await db.team.findFirstOrThrow({ where: { name: "team-permission" } });
    await db.roleBinding.create({ data: { teamId: team.id, role: "WORKSPACE_VIEWER", workspaceId: workspace.id } });
    const token = await build.tokenOf(one.userId);
    const read = () =>
      houston.as({ token }).send("query ($id: Uuid!) { workspace(workspaceUuid: $id) { id } }", { id: workspace.id });
    expect((await read()).data.workspace.id).toBe(workspace.id);
    await one.again({ groups: [] });
    expect((await read()).errors?.[0]?.extensions.code).toBe("FORBIDDEN");
  });

  it("T24: of more than fit into a token change nothing, unless Microsoft Graph has them", async () => {
    const ids = { tid: "tenant", oid: "object/1" };
    const one = await member(idps.microsoft, "microsoft", { groups: ["team-a"] }, ids);
    const overage = {
      _claim_names: { groups: "src1" },
      _claim_sources: { src1: { endpoint: `${graphUrl}/evil` } },
    };
    graph.status = 403;
    await one.again(overage);
    expect(await one.teams()).toEqual(["microsoft/team-a"]);
    graph.status = 200;
    graph.groups = Array.from({ length: 300 }, (_, n) => `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`);
    await one.again(overage);
    expect(await one.teams()).toHaveLength(300);
    expect(graph.asked.at(-1)).toEqual({
      path: "/v1.0/users/object%2F1/getMemberObjects",
      authorization: expect.stringMatching(/^Bearer .+/),
      body: '{"securityEnabledOnly":true}',
    });
    graph.groups = [];
    await one.again({ hasgroups: true });
    expect(await one.teams()).toEqual([]);
    expect(JSON.stringify(graph.asked)).not.toContain("evil");
  });

  it("of more than 200 become teams, where the token has them", async () => {
    const groups = Array.from({ length: 1_000 }, (_, n) => `team-${n}`);
    const one = await member(idps.custom, "custom", { groups });
    expect(await one.teams()).toHaveLength(1_000);
    await one.again({ groups: groups.slice(500) });
    expect(await one.teams()).toHaveLength(500);
  }, 60_000);

  it("are joined by many people at the same moment", async () => {
    const callbacks = [];
    for (let n = 0; n < 10; n += 1) {
      const groups = Array.from({ length: 20 }, (_, at) => `all-${n % 2 === 0 ? at : 19 - at}`);
      idps.custom.account({ email: `all${n}@example.com`, email_verified: true, groups });
      const visitor = browser();
      callbacks.push({ visitor, url: await visitor.toCallback("custom") });
    }
    const answers = await Promise.all(callbacks.map(({ visitor, url }) => visitor.go(url)));
    expect(answers.map(({ url }) => url)).toEqual(Array(10).fill(first));
    const teams = await db.team.findMany({
      where: { name: { startsWith: "all-" } },
      select: { _count: { select: { members: true } } },
    });
    expect(teams.map(({ _count }) => _count.members)).toEqual(Array(20).fill(10));
  });

  it("are not known while the pattern takes too long", async () => {
    const one = await member(idps.custom, "custom", { groups: ["team-a"] });
    const { openidConnect } = houston.app.services.config.auth;
    const pattern = openidConnect.teamFilterRegex;
    openidConnect.teamFilterRegex = "^(a+)+$";
    await one.again({ groups: [`${"a".repeat(40)}!`] });
    openidConnect.teamFilterRegex = pattern;
    expect(await one.teams()).toEqual(["custom/team-a"]);
  });
});

describe("system roles of groups", () => {
  it("are the highest one of the groups, and go with them, which ends the other sessions", async () => {
    const one = await member(idps.custom, "custom", { groups: ["viewers", "/admins"] });
    expect(await one.systemRoles()).toEqual(["SYSTEM_ADMIN"]);
    const token = await build.tokenOf(one.userId);
    await one.again({ groups: ["editors"] });
    expect(await one.systemRoles()).toEqual(["SYSTEM_EDITOR"]);
    expect((await houston.as({ token }).send("{ self { user { id } } }")).errors?.[0]?.extensions.code).toBe(
      "UNAUTHENTICATED",
    );
    await one.again({ groups: [] });
    expect(await one.systemRoles()).toEqual([]);
    const entries = await db.auditEntry.findMany({
      where: { action: "importSystemRole", entityId: one.userId },
      orderBy: { sequence: "asc" },
    });
    expect(entries.map(({ detail }) => detail)).toEqual([
      { provider: "custom", granted: "SYSTEM_ADMIN", removed: [] },
      { provider: "custom", granted: "SYSTEM_EDITOR", removed: ["SYSTEM_ADMIN"] },
      { provider: "custom", granted: null, removed: ["SYSTEM_EDITOR"] },
    ]);
  });

  it("stay with the last System Admin", async () => {
    const one = await member(idps.custom, "custom", { groups: ["admins"] });
    await db.roleBinding.deleteMany({ where: { userId: lastAdmin.id } });
    await one.again({ groups: [] });
    expect(await one.systemRoles()).toEqual(["SYSTEM_ADMIN"]);
    await db.roleBinding.create({ data: { userId: lastAdmin.id, role: "SYSTEM_ADMIN" } });
    await one.again({ groups: [] });
    expect(await one.systemRoles()).toEqual([]);
  });

  it("are not for addresses of other domains, nor are teams that hold one", async () => {
    const one = await member(idps.custom, "custom", { groups: ["team-system"] });
    const team = await db.team.findFirstOrThrow({ where: { name: "team-system" } });
    await db.roleBinding.create({ data: { teamId: team.id, role: "SYSTEM_VIEWER" } });
    await one.again({ groups: [] });
    await db.email.updateMany({ where: { userId: one.userId }, data: { address: "now@elsewhere.example" } });
    await one.again({ groups: ["team-system", "team-other", "admins"] });
    expect(await one.teams()).toEqual(["custom/team-other"]);
    expect(await one.systemRoles()).toEqual([]);
  });
});
