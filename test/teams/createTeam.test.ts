import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";
import { outcomeOf } from "../support/outcome.ts";

const { as, build, db } = await testHouston();

const CREATE = `mutation ($name: String!, $description: String, $provider: String, $userIds: [ID]) {
  createTeam(name: $name, description: $description, provider: $provider, userIds: $userIds) {
    message
    team { id name provider description sortId users { id } roleBindings { role } createdAt updatedAt }
  }
}`;

const admin = await build.systemAdmin();

describe("createTeam", () => {
  it("creates a team with each user once", async () => {
    const [one, two] = [await build.user(), await build.user()];
    const userIds = [one.id, two.id, one.id];
    const { data } = await as(admin).send(CREATE, { name: " Blue ", description: "Those in blue", userIds });
    const { team, message } = data.createTeam;
    expect(message).toBe("Team Blue was created");
    expect(team).toMatchObject({ name: "Blue", provider: "local", description: "Those in blue", roleBindings: [] });
    expect(team.users.map(({ id }: { id: string }) => id).sort()).toEqual([one.id, two.id].sort());
    const row = await db.team.findUniqueOrThrow({ where: { id: team.id }, include: { members: true } });
    expect(row).toMatchObject({ name: "Blue", provider: "local", sortId: team.sortId });
    expect(row.members).toHaveLength(2);
    expect(await db.auditEntry.findFirst({ where: { entityId: team.id } })).toMatchObject({
      action: "createTeam",
      actor: `user:${admin.id}`,
    });
  });

  it("creates an empty team for any provider, with ascending sortId", async () => {
    const first = await as(admin).send(CREATE, { name: "Red", provider: "" });
    const second = await as(admin).send(CREATE, { name: "Red", provider: "okta", userIds: null });
    expect(first.data.createTeam.team.provider).toBe("local");
    expect(second.data.createTeam.team).toMatchObject({ provider: "okta", users: [] });
    expect(second.data.createTeam.team.sortId).toBeGreaterThan(first.data.createTeam.team.sortId);
  });

  it("accepts a name once per provider, also for concurrent requests", async () => {
    const answers = await Promise.all(Array.from({ length: 5 }, () => as(admin).send(CREATE, { name: "Race" })));
    expect(answers.map(outcomeOf).sort()).toEqual([...Array(4).fill("CONFLICT name"), "ok"]);
    expect(await db.team.count({ where: { name: "Race" } })).toBe(1);
  });

  it("rejects invalid names, invalid lists and unknown users, and stores nothing", async () => {
    const before = await db.team.count();
    const outcome = async (given: object) => outcomeOf(await as(admin).send(CREATE, { name: "Green", ...given }));
    expect(await outcome({ name: "  " })).toBe("BAD_USER_INPUT name");
    expect(await outcome({ name: "n".repeat(81) })).toBe("BAD_USER_INPUT name");
    expect(await outcome({ description: "d".repeat(1001) })).toBe("BAD_USER_INPUT description");
    expect(await outcome({ provider: "p".repeat(81) })).toBe("BAD_USER_INPUT provider");
    expect(await outcome({ userIds: [admin.id, "nobody"] })).toBe("BAD_USER_INPUT userIds");
    expect(await outcome({ userIds: [null] })).toBe("BAD_USER_INPUT userIds.0");
    expect(await db.team.count()).toBe(before);
    expect(await outcome({ name: "n".repeat(80) })).toBe("ok");
  });

  it("denies System Editors, Workspace Admins and anonymous callers", async () => {
    const editor = await build.user({ roles: [{ role: "SYSTEM_EDITOR" }] });
    const workspace = await build.workspace();
    expect(outcomeOf(await as(editor).send(CREATE, { name: "Mine" }))).toBe("FORBIDDEN");
    expect(outcomeOf(await as(workspace.admin).send(CREATE, { name: "Mine" }))).toBe("FORBIDDEN");
    expect(outcomeOf(await as(undefined).send(CREATE, { name: "Mine" }))).toBe("UNAUTHENTICATED");
    expect(await db.team.count({ where: { name: "Mine" } })).toBe(0);
  });
});
