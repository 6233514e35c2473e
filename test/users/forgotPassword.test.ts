import { describe, expect, it } from "vitest";
import { hashOf } from "../../src/platform/secrets/tokens.ts";
import { testHouston } from "../support/houston.ts";
import { createMailbox } from "../support/mailbox.ts";

const mailbox = createMailbox();
const { as, build, db } = await testHouston({ email: { folder: mailbox.folder } });
const off = await testHouston({ auth: { local: { enabled: false } } });

const FORGOT = `mutation ($email: String!) { forgotPassword(email: $email) }`;
const forgot = (email: string) => as(undefined).send(FORGOT, { email });

describe("forgotPassword", () => {
  it("sends a link that is valid for an hour, also to users without a password", async () => {
    const { id, email } = await build.user({ fullName: "Ada Lovelace" });
    expect((await forgot(email.toUpperCase())).data.forgotPassword).toBe(true);
    const token = await mailbox.token("reset", email);
    const [mail] = await mailbox.mails("reset", email);
    expect(mail?.text).toContain("Hello Ada Lovelace");
    const stored = await db.localCredential.findUniqueOrThrow({ where: { userId: id } });
    expect(stored).toMatchObject({ resetTokenHash: hashOf(token) });
    const left = (stored.resetTokenExpiresAt?.getTime() ?? 0) - Date.now();
    expect(left).toBeGreaterThan(59 * 60_000);
    expect(left).toBeLessThanOrEqual(60 * 60_000);
  });

  it("T16: keeps password and sessions, and revokes the previous link", async () => {
    const user = await build.user({ localCredential: { create: { passwordHash: "stays" } } });
    await Promise.all(Array.from({ length: 10 }, () => forgot(user.email)));
    await mailbox.token("reset", user.email, 10);
    const stored = await db.localCredential.findMany({ where: { userId: user.id } });
    expect(stored).toMatchObject([{ passwordHash: "stays" }]);
    expect((await as(user).send("{ self { isAdmin } }")).errors).toBeUndefined();
  });

  it("T23: returns the same for unknown and pending addresses, and sends no mail", async () => {
    const pending = await build.user({ status: "pending" });
    for (const address of [pending.email, "nobody@example.com"]) {
      const { data, errors } = await forgot(address);
      expect(errors).toBeUndefined();
      expect(data.forgotPassword).toBe(true);
    }
    await mailbox.settled(db);
    expect(await mailbox.mails("reset", pending.email)).toEqual([]);
    expect(await mailbox.mails("reset", "nobody@example.com")).toEqual([]);
    expect(await db.localCredential.count({ where: { userId: pending.id } })).toBe(0);
  });

  it("rejects malformed addresses, and everything while local sign-in is off", async () => {
    expect((await forgot("nobody")).errors).toMatchObject([
      { extensions: { code: "BAD_USER_INPUT", argument: "email" } },
    ]);
    const { errors } = await off.as(undefined).send(FORGOT, { email: "ada@example.com" });
    expect(errors).toMatchObject([{ extensions: { code: "FEATURE_DISABLED" } }]);
  });
});
