import bcrypt from "bcrypt";
import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";
import { createMailbox } from "../support/mailbox.ts";
import { outcomeOf } from "../support/outcome.ts";

const mailbox = createMailbox();
const { as, build, db } = await testHouston({ publicSignups: true, email: { folder: mailbox.folder } });

const root = await build.systemAdmin();
const { deployment, home } = await build.deployment();
const w = deployment.workspaceId;

/** As typed, and as stored. */
const addresses: [string, string][] = [
  ["r&d@example.com", "r&d@example.com"],
  ["sales/emea@example.com", "sales/emea@example.com"],
  ["50%off@example.com", "50%off@example.com"],
  ["team=ops@example.com", "team=ops@example.com"],
  ["o'brien+{x}|~^`#!$*?@example.com", "o'brien+{x}|~^`#!$*?@example.com"],
  ["ada@localhost", "ada@localhost"],
  ["ada@x.xn--p1ai", "ada@x.xn--p1ai"],
  ["Ada@X.XN--P1AI", "ada@x.xn--p1ai"],
  [" Ada@Bücher.Example\n", "ada@xn--bcher-kva.example"],
  ["ada@пример.рф", "ada@xn--e1afmkfd.xn--p1ai"],
  ["ada@例え。テスト", "ada@xn--r8jz45g.xn--zckzah"],
];

const refused = [
  "ada",
  "@example.com",
  "ada@",
  "a b@example.com",
  "ada@exa mple.com",
  "ada@-example.com",
  "ada@example.com.",
  "ada@exam_ple.com",
  "ada@[127.0.0.1]",
  "ada,bob@example.com",
  '"ada"@example.com',
  "ada@bob@example.com",
  "ada@example.com\nbcc: eve@example.com",
  "ädä@example.com",
  // The Kelvin sign becomes a "k" in lower case.
  "\u212aim@example.com",
  // domainToASCII alone would accept these as another domain.
  "ada@bücher.example/path",
  "ada@bücher.example\\path",
  "ada@bücher.example#part",
  "ada@b%C3%BCcher.example",
  "ada@１.２",
  `ada@${"x".repeat(64)}.example`,
  `ada@${"ü.".repeat(60)}example`,
  `${"a".repeat(243)}@example.com`,
];

const run = (someone: { token: string } | undefined, document: string, email: string) =>
  as(someone).send(`mutation ($email: String!) { ${document} }`, { email });

/** Each way in which an address is given to Houston. */
const ways: Record<string, { by: { token: string } | undefined; field: string }> = {
  createUser: { by: undefined, field: `createUser(email: $email, password: "correct horse") { token { value } }` },
  forgotPassword: { by: undefined, field: "forgotPassword(email: $email)" },
  resendConfirmation: { by: undefined, field: "resendConfirmation(email: $email)" },
  verifyEmail: { by: root, field: "verifyEmail(email: $email)" },
  inviteUser: { by: root, field: "inviteUser(email: $email) { id }" },
  workspaceAddUser: { by: home?.admin, field: `workspaceAddUser(email: $email, workspaceUuid: "${w}") { id }` },
  workspaceUpsertUserRole: {
    by: home?.admin,
    field: `workspaceUpsertUserRole(email: $email, workspaceUuid: "${w}", role: WORKSPACE_VIEWER)`,
  },
  deploymentAddUserRole: {
    by: home?.admin,
    field: `deploymentAddUserRole(email: $email, deploymentId: "${deployment.id}", role: DEPLOYMENT_VIEWER) { id }`,
  },
  deploymentAlertsUpdate: {
    by: home?.admin,
    field: `deploymentAlertsUpdate(deploymentUuid: "${deployment.id}", alertEmails: [$email]) { alertEmails }`,
  },
  workspaceRemoveUser: { by: home?.admin, field: `workspaceRemoveUser(email: $email, workspaceUuid: "${w}") { id }` },
};

describe("e-mail addresses", () => {
  it.each(addresses)("are accepted as an HTML e-mail field accepts them: %j is stored as %j", async (typed, stored) => {
    for (const [name, { by, field }] of Object.entries(ways)) {
      const answer = await run(by, field, typed);
      expect([name, outcomeOf(answer)]).not.toEqual([name, "BAD_USER_INPUT email"]);
      expect([name, answer.errors?.[0]?.message ?? ""]).toEqual([
        name,
        expect.not.stringContaining("e-mail address such"),
      ]);
    }
    const { alertEmails } = await db.deployment.findUniqueOrThrow({ where: { id: deployment.id } });
    expect(alertEmails).toEqual([stored]);
    expect(await db.email.count({ where: { address: stored } })).toBe(1);
  });

  it.each(refused)("are rejected by name where an HTML e-mail field rejects them: %j", async (typed) => {
    const before = await db.email.count();
    for (const [name, { by, field }] of Object.entries(ways)) {
      const answer = await run(by, field, typed);
      const argument = name === "deploymentAlertsUpdate" ? "alertEmails.0" : "email";
      expect([name, outcomeOf(answer)]).toEqual([name, `BAD_USER_INPUT ${argument}`]);
    }
    expect(await db.email.count()).toBe(before);
  });

  it("are the same user in any case and script, for sign-in, searches and roles", async () => {
    const stored = "grace@xn--mnchen-3ya.example";
    const passwordHash = bcrypt.hashSync("correct horse", 4);
    const user = await build.user({ email: stored, localCredential: { create: { passwordHash } } });
    for (const email of [
      stored,
      "Grace@MÜNCHEN.example",
      "grace@mu\u0308nchen.example",
      "GRACE@XN--MNCHEN-3YA.EXAMPLE",
    ]) {
      const signIn = `mutation ($email: String) {
        createToken(identity: $email, password: "correct horse") { user { id } }
      }`;
      expect((await as(undefined).send(signIn, { email })).data.createToken.user.id).toBe(user.id);
      const search = `query ($email: String) {
        users(email: $email) { id } email(where: { address: $email }) { address }
      }`;
      const { data } = await as(root).send(search, { email });
      expect(data).toEqual({ users: [{ id: user.id }], email: { address: stored } });
      const upsert = ways.workspaceUpsertUserRole;
      expect(outcomeOf(await run(upsert?.by, upsert?.field ?? "", email))).toBe("ok");
    }
    expect(await db.roleBinding.count({ where: { userId: user.id } })).toBe(1);
    const signUp = await run(undefined, ways.createUser?.field ?? "", "GRACE@münchen.EXAMPLE");
    // As for an address that nobody has.
    expect(outcomeOf(signUp)).toBe("ok");
    expect(await db.email.count({ where: { address: { endsWith: "nchen-3ya.example" } } })).toBe(1);
  });

  it("are one invitation and one imported user in any case and script", async () => {
    for (const email of ["new@bücher.example", "NEW@XN--BCHER-KVA.example"]) {
      expect(outcomeOf(await run(root, "inviteUser(email: $email) { id }", email))).toBe("ok");
    }
    const found = await as(root).send(`{ invites(invite: { email: "New@Bücher.example" }) { email } }`);
    expect(found.data.invites).toEqual([{ email: "new@xn--bcher-kva.example" }]);
    const users = `[{ email: "r&d@bücher.example" }, { email: "R&D@xn--bcher-kva.example" }]`;
    const imported = await as(home?.admin).send(`mutation {
      deploymentUserBulkImport(deploymentId: "${deployment.id}", users: ${users}, bypassInvite: true) { created error }
    }`);
    expect(imported.data.deploymentUserBulkImport).toEqual([
      { created: true, error: null },
      { created: false, error: "email: is a duplicate" },
    ]);
    expect(await db.email.count({ where: { address: "r&d@xn--bcher-kva.example" } })).toBe(1);
  });

  it("receive e-mail", async () => {
    const recipient = async (email: string) => {
      await run(undefined, ways.createUser?.field ?? "", email);
      await mailbox.settled(db);
      const { address } = await db.email.findFirstOrThrow({ orderBy: { createdAt: "desc" } });
      const [mail] = await mailbox.mails("confirm", address.replace(/[^\w.@+-]/g, "_"));
      return [address, mail?.headerLines.find(({ key }) => key === "to")?.line];
    };
    for (const [typed, stored] of [
      ["a&b/c%d=e@example.com", "a&b/c%d=e@example.com"],
      ["post@straße.example", "post@xn--strae-oqa.example"],
    ] as const) {
      expect(await recipient(typed)).toEqual([stored, `To: ${stored}`]);
    }
  });
});
