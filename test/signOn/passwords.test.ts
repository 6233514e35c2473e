import bcrypt from "bcrypt";
import { describe, expect, it } from "vitest";
import { outcomeOf } from "../support/outcome.ts";
import { PASSWORD } from "../support/signIns.ts";
import { signOnHouston } from "../support/signOn.ts";

const passwordHash = bcrypt.hashSync(PASSWORD, 10);
const emailDomains = ["corp.example"];
const houston = await signOnHouston(
  { custom: { emailDomains } },
  {
    publicSignups: true,
    auth: { local: { domainsWithoutPassword: emailDomains, breakGlass: ["root@corp.example", "Rescue"] } },
  },
);
const closed = await signOnHouston(
  { custom: { displayName: "Example ID" } },
  { auth: { local: { enabled: false, breakGlass: ["rescue"] } } },
);

type Running = typeof houston;
const person = ({ build }: Running, email: string, given: object = {}) =>
  build.user({ email, ...given, localCredential: { create: { passwordHash } } });
const admin = { roles: [{ role: "SYSTEM_ADMIN" as const }] };
const CREATE_TOKEN =
  "mutation ($identity: String, $password: String!) { createToken(identity: $identity, password: $password) { token { value } } }";
const signIn = async ({ as }: Running, identity: string, password = PASSWORD) =>
  outcomeOf(await as(undefined).send(CREATE_TOKEN, { identity, password }));

/** A System Admin who has signed in with the provider: then the others need no password. */
async function linkedAdmin({ build, db }: Running) {
  const { id: userId } = await build.systemAdmin();
  await db.identity.create({ data: { userId, provider: "custom", issuer: "https://id.example.com", subject: userId } });
  return userId;
}

describe("a domain without passwords", () => {
  it("has no sign-in, sign-up or new password, whether or not an account exists; others do", async () => {
    await linkedAdmin(houston);
    const user = await person(houston, "ada@corp.example", { username: "ada" });
    await person(houston, "bob@example.com");
    expect(await signIn(houston, "bob@example.com")).toBe("ok");
    for (const identity of [user.email, "Ada@Corp.Example", "nobody@corp.example"]) {
      expect(await signIn(houston, identity)).toBe("FEATURE_DISABLED");
      expect(await signIn(houston, identity, "wrong password")).toBe("FEATURE_DISABLED");
    }
    // A username does not tell the domain.
    expect(await signIn(houston, "ada")).toBe("UNAUTHENTICATED");
    const { as } = houston;
    const run = async (document: string, more: { token?: string } = {}) =>
      outcomeOf(await as(more.token === undefined ? undefined : { token: more.token }).send(document));
    for (const email of [user.email, "new@corp.example"]) {
      expect(await run(`mutation { createUser(email: "${email}", password: "${PASSWORD}") { token { value } } }`)).toBe(
        "FEATURE_DISABLED",
      );
      expect(await run(`mutation { forgotPassword(email: "${email}") }`)).toBe("FEATURE_DISABLED");
    }
    const change = `mutation { updateSelf(payload: {currentPassword: "${PASSWORD}", password: "another pass phrase"}) { id } }`;
    expect(await run(change, user)).toBe("FEATURE_DISABLED");
    houston.idps.custom.account({ email: user.email, email_verified: true });
    expect((await houston.browser().signIn("custom")).url).toBe(`${houston.base}/app/`);
  });

  it("has a password for break-glass System Admins, by address or username, which is recorded", async () => {
    for (const [email, username] of [
      ["root@corp.example", "root"],
      ["someone@corp.example", "rescue"],
    ] as const) {
      const user = await person(houston, email, { username, usernameKey: username, ...admin });
      expect(await signIn(houston, username, "wrong password")).toBe("UNAUTHENTICATED");
      expect(await signIn(houston, username)).toBe("ok");
      expect(await signIn(houston, email)).toBe("ok");
      const entries = await houston.db.auditEntry.findMany({
        where: { action: "createToken", actor: `user:${user.id}` },
      });
      expect(entries.map(({ detail }) => detail)).toEqual([{ breakGlass: true }, { breakGlass: true }]);
      await houston.db.roleBinding.deleteMany({ where: { userId: user.id } });
      expect(await signIn(houston, username)).toBe("UNAUTHENTICATED");
    }
    await person(houston, "admin@corp.example", admin);
    expect(await signIn(houston, "admin@corp.example")).toBe("FEATURE_DISABLED");
  });
});

describe("without local sign-in", () => {
  it("System Admins keep the way in until one of them has signed in with a provider", async () => {
    const user = await person(closed, "first@example.com", admin);
    await person(closed, "other@example.com");
    expect(await signIn(closed, user.email)).toBe("ok");
    expect(await signIn(closed, "other@example.com")).toBe("FEATURE_DISABLED");
    const linked = await linkedAdmin(closed);
    expect(await signIn(closed, user.email)).toBe("FEATURE_DISABLED");
    await person(closed, "rescue@example.com", { username: "rescue", usernameKey: "rescue", ...admin });
    expect(await signIn(closed, "rescue")).toBe("ok");
    await closed.db.roleBinding.deleteMany({ where: { userId: linked } });
    expect(await signIn(closed, user.email)).toBe("ok");
    await linkedAdmin(closed);
  });

  it("the sign-in page has the providers, and a link to the password for break-glass accounts", async () => {
    const { base, browser } = closed;
    const visitor = browser();
    const { text } = await visitor.go("app/login");
    expect(text).toContain("Sign in with Example ID");
    expect(text).not.toContain('name="password"');
    expect(text).toContain('href="login?with=password"');
    const fields = { identity: "rescue", password: PASSWORD };
    const answer = await visitor.houston.fill(`${base}/app/login?with=password`, "Sign in", fields);
    expect(answer.headers.get("location")).toBe("./");
    expect((await visitor.go("app/login?with=password")).text).not.toContain("forgot-password");
  });
});
