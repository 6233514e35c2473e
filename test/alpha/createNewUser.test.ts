import { describe, expect, it } from "vitest";
import { createAlpha } from "../support/alpha.ts";
import { testHouston } from "../support/houston.ts";
import { createMailbox } from "../support/mailbox.ts";

const mailbox = createMailbox();
const open = await testHouston({ publicSignups: true, email: { folder: mailbox.folder } });
const trusting = await testHouston({ publicSignups: true, emailConfirmation: false });
const closed = await testHouston({ email: { folder: mailbox.folder } });

const password = "correct horse";
const CREATE = `mutation ($email: String!, $password: String!, $profile: UserProfile) {
  createNewUser(email: $email, password: $password, profile: $profile) {
    success message id token code decoded { id sU iat exp }
  }
}`;

const createIn = async ({ url }: { url: string }, variables: Record<string, unknown>) =>
  (await createAlpha(url)(undefined).send(CREATE, { password, ...variables })).data.createNewUser;
const create = (variables: Record<string, unknown>) => createIn(open, variables);

describe("createNewUser", () => {
  it("makes the first user System Admin, with a token for /v1 and REST", async () => {
    const first = await create({ email: "First@Example.com" });
    expect(first).toMatchObject({ success: true, message: "User created", code: null });
    expect(first.decoded).toMatchObject({ id: first.id, sU: true });
    expect(first.decoded.exp - first.decoded.iat).toBe(86_400);
    const include = { roleBindings: true };
    const user = await open.db.user.findUniqueOrThrow({ where: { id: first.id }, include });
    expect(user).toMatchObject({ username: "first@example.com", status: "active", fullName: "", profile: {} });
    expect(user.roleBindings).toMatchObject([{ role: "SYSTEM_ADMIN" }]);
    expect((await open.as(first).send("{ self { user { id } } }")).data.self.user.id).toBe(first.id);
    const headers = { authorization: `Bearer ${first.token}` };
    expect((await fetch(`${open.url}/platform/v1beta1/organizations`, { headers })).status).toBe(200);
  });

  it("creates a pending user without a token, who confirms with the mailed link", async () => {
    const profile = { firstName: " Ada ", lastName: "Lovelace", company: "Engines" };
    const ada = await create({ email: "ada@example.com", profile });
    expect(ada).toMatchObject({ success: true, token: null, decoded: null, code: null, id: expect.any(String) });
    expect(ada.message).toContain("confirm the e-mail address with the link");
    expect(await open.db.user.findUniqueOrThrow({ where: { id: ada.id } })).toMatchObject({
      status: "pending",
      fullName: "Ada Lovelace",
      profile: { firstName: "Ada", lastName: "Lovelace", company: "Engines" },
    });

    const signIn = `mutation { createToken(username: "ada@example.com", password: "${password}") { success code } }`;
    const alpha = createAlpha(open.url);
    expect((await alpha(undefined).send(signIn)).data.createToken).toEqual({ success: false, code: "FORBIDDEN" });
    const token = await mailbox.token("confirm", "ada@example.com");
    await open.as(undefined).send(`mutation { confirmEmail(token: "${token}") { user { id } } }`);
    expect((await alpha(undefined).send(signIn)).data.createToken).toEqual({ success: true, code: null });
  });

  it("stores what is given of a profile", async () => {
    const { id } = await create({ email: "last@example.com", profile: { firstName: "", lastName: "Hopper" } });
    const user = await open.db.user.findUniqueOrThrow({ where: { id } });
    expect(user).toMatchObject({ fullName: "Hopper", profile: { lastName: "Hopper" } });
  });

  it("reports an address that is already in use, without confirmation, and writes nothing", async () => {
    const createHere = (variables: Record<string, unknown>) => createIn(trusting, variables);
    await createHere({ email: "twice@example.com" });
    const before = await trusting.db.user.count();
    const again = await createHere({ email: "Twice@example.com" });
    expect(again).toMatchObject({ success: false, code: "CONFLICT", id: null, token: null, decoded: null });
    expect(again.message).toMatch(/^email: /);
    expect(await trusting.db.user.count()).toBe(before);
  });

  it.each([
    ["email", { email: "nobody" }],
    ["email", { email: "nul\u0000@example.com" }],
    ["password", { password: "short" }],
    ["profile.firstName", { profile: { firstName: "x".repeat(100) } }],
    ["profile.lastName", { profile: { lastName: "a\u0007b" } }],
    ["profile.company", { profile: { company: "x".repeat(201) } }],
  ])("names the invalid %s", async (argument, given) => {
    const answer = await create({ email: "new@example.com", ...given });
    expect(answer).toMatchObject({ success: false, code: "BAD_USER_INPUT" });
    expect(answer.message.split(":")[0]).toBe(argument);
  });

  it("reports that public sign-up is disabled", async () => {
    await createIn(closed, { email: "first@example.com" });
    const second = await createIn(closed, { email: "second@example.com" });
    expect(second).toMatchObject({ success: false, code: "FEATURE_DISABLED" });
    expect(second.message).toContain("publicSignups");
  });
});
