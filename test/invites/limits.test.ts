import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";
import { createMailbox } from "../support/mailbox.ts";
import { codeOf } from "../support/signIns.ts";

const mailbox = createMailbox();
const { as, build, db } = await testHouston({
  auth: { local: { limits: { mailsPerRecipient: 3, invitationsPerSender: 5 } } },
  email: { folder: mailbox.folder },
});

const INVITE = `mutation ($email: String!) { inviteUser(email: $email) { id } }`;
const ADD = `mutation ($workspaceUuid: Uuid!, $email: String!) {
  workspaceAddUser(workspaceUuid: $workspaceUuid, email: $email, role: WORKSPACE_VIEWER) { id }
}`;

describe("invitations", () => {
  it("of one address into one scope are renewed twice an hour, and the last link stays valid", async () => {
    const admin = await build.systemAdmin();
    const email = "again@example.com";
    const codes: string[] = [];
    for (let n = 0; n < 4; n++) codes.push(codeOf(await as(admin).send(INVITE, { email })));
    expect(codes).toEqual(["ok", "ok", "ok", "TOO_MANY_REQUESTS"]);
    await mailbox.settled(db);
    expect(await mailbox.mails("invite", email)).toHaveLength(3);
    const inviteToken = await mailbox.token("invite", email, 3);
    const SIGN_UP = `mutation ($inviteToken: String) {
      createUser(email: "${email}", password: "correct horse", inviteToken: $inviteToken) { isAdmin }
    }`;
    expect(codeOf(await as(undefined).send(SIGN_UP, { inviteToken }))).toBe("ok");
  });

  it("of one sender are limited per day, also when several are sent at once, and change nothing beyond that", async () => {
    const { workspace, admin } = await build.workspace();
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, n) =>
        as(admin).send(ADD, { workspaceUuid: workspace.id, email: `many${n}@example.com` }),
      ),
    );
    expect(answers.map(codeOf).sort()).toEqual([...Array(3).fill("TOO_MANY_REQUESTS"), ...Array(5).fill("ok")]);
    expect(await db.invite.count({ where: { workspaceId: workspace.id } })).toBe(5);
  });
});
