import { expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";
import { createMailbox } from "../support/mailbox.ts";
import { outcomeOf } from "../support/outcome.ts";

const mailbox = createMailbox();
const { as, build, db } = await testHouston({
  allowedSystemLevelDomains: ["corp.example"],
  email: { folder: mailbox.folder },
});
const root = await build.systemAdmin();

/** A user whose address at a trusted domain was made usable with bypassInvite. */
async function bypassed(email: string) {
  const { workspace, admin } = await build.workspace();
  const given = `email: "${email}", workspaceUuid: "${workspace.id}", role: WORKSPACE_VIEWER, bypassInvite: true`;
  expect(outcomeOf(await as(admin).send(`mutation { workspaceAddUser(${given}) { id } }`))).toBe("ok");
  return db.user.findUniqueOrThrow({ where: { username: email } });
}

const grant = async (userId: string) =>
  outcomeOf(
    await as(root).send(`mutation { createSystemRoleBinding(userId: "${userId}", role: SYSTEM_VIEWER) { id } }`),
  );

it("a system role requires an address that its owner proved; bypassInvite proves none", async () => {
  const { id, username } = await bypassed("ada@corp.example");
  expect(await grant(id)).toBe("BAD_USER_INPUT userId");
  const { team } = await build.team({ members: [], roles: [{ role: "SYSTEM_VIEWER" }] });
  const add = `mutation { groupAddUser(groupUuid: "${team.id}", userUuid: "${id}") { uuid } }`;
  expect(outcomeOf(await as(root).send(add))).toBe("BAD_USER_INPUT userUuid");
  await as(undefined).send(`mutation { forgotPassword(email: "${username}") }`);
  const token = await mailbox.token("reset", username);
  const reset = `mutation { resetPassword(token: "${token}", password: "four plain words") { token { value } } }`;
  expect(outcomeOf(await as(undefined).send(reset))).toBe("ok");
  expect(outcomeOf(await as(root).send(add))).toBe("ok");
  expect(await grant(id)).toBe("ok");
});

it("or one that a System Admin verified", async () => {
  const { id, username } = await bypassed("grace@corp.example");
  expect(await grant(id)).toBe("BAD_USER_INPUT userId");
  expect((await as(root).send(`mutation { verifyEmail(email: "${username}") }`)).data.verifyEmail).toBe(true);
  expect(await grant(id)).toBe("ok");
});
