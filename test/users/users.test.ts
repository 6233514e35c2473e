import { describe, expect, it } from "vitest";
import { countStatements } from "../support/countStatements.ts";
import { testHouston } from "../support/houston.ts";
import { outcomeOf } from "../support/outcome.ts";

const { as, build, db } = await testHouston();

const USERS = `query ($user: UserSearch, $userUuid: Uuid, $username: String, $email: String) {
  users(user: $user, userUuid: $userUuid, username: $username, email: $email) { id emails { address } roleBindings { role } }
}`;

const caller = await build.user({ roles: [{ role: "SYSTEM_VIEWER" }] });
const createdAt = new Date("2026-11-21T06:43:42.383Z");
const updatedAt = new Date("2026-11-22T06:43:42.007Z");
const ada = await build.user({ fullName: "Ada", username: "ada", email: "ada@example.com", createdAt, updatedAt });
const twin = await build.user({ fullName: "Ada", username: "ada2" });
await db.email.create({ data: { userId: ada.id, address: "second@example.com", primary: false } });

const find = async (variables: Record<string, unknown>) => {
  const { data, errors } = await as(caller).send(USERS, variables);
  expect(errors).toBeUndefined();
  return data.users.map(({ id }: { id: string }) => id);
};

describe("users", () => {
  it.each([
    { user: { userId: ada.id } },
    { user: { userUuid: ada.id, userId: ada.id } },
    { user: { username: "ada" } },
    { user: { email: " ADA@example.com" } },
    { user: { email: "ada@example.com" }, email: "second@example.com" },
    { user: { fullName: "Ada", username: "ada", email: "", userUuid: "", userId: null } },
    { user: { createdAt: "2026-11-21T06:43:42.383924246Z" } },
    { user: { createdAt: "2026-11-21T07:43:42.383+01:00", updatedAt: updatedAt.toISOString() } },
    { userUuid: ada.id, username: "", email: "" },
    { username: "ada" },
    { email: "Second@Example.com", user: {} },
  ])("finds exactly the user who matches %j", async (variables) => {
    expect(await find(variables)).toEqual([ada.id]);
  });

  it.each([
    { user: { username: "Ada" } },
    { user: { fullName: "Ad" } },
    { user: { userId: ada.id, userUuid: twin.id } },
    { user: { userId: ada.id }, userUuid: twin.id },
    { user: { username: "ada" }, username: "ada2" },
    { user: { username: "ada", fullName: "Twin" } },
    { user: { createdAt: "2026-11-21T06:43:42.384Z" } },
    { email: "%@example.com" },
  ])("finds no user for %j", async (variables) => {
    expect(await find(variables)).toEqual([]);
  });

  it("returns all users without arguments, and otherwise all that match", async () => {
    expect(await find({})).toHaveLength(await db.user.count());
    expect(await find({ user: { email: "" } })).toHaveLength(await db.user.count());
    expect((await find({ user: { fullName: "Ada" } })).sort()).toEqual([ada.id, twin.id].sort());
  });

  it("takes two statements", async () => {
    const { statements } = await countStatements(() => find({ user: { fullName: "Ada" } }));
    expect(statements.length).toBeLessThanOrEqual(2);
  });

  it("denies users without system roles and anonymous callers", async () => {
    const { admin } = await build.workspace();
    expect(outcomeOf(await as(admin).send(USERS))).toBe("FORBIDDEN");
    expect(outcomeOf(await as(undefined).send(USERS))).toBe("UNAUTHENTICATED");
  });

  it("rejects a malformed time", async () => {
    const { errors, data } = await as(caller).send(USERS, { user: { createdAt: "yesterday" } });
    expect(data).toBeUndefined();
    expect(errors?.[0]?.message).toContain("RFC 3339");
  });
});
