import { expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";

const { as, build } = await testHouston();

/** An Admin of a Workspace of their own, which anyone may create. */
const { deployment, home } = await build.deployment();
const boss = home?.admin ?? expect.fail("no Workspace");
const at = { w: `workspaceUuid: "${deployment.workspaceId}"`, d: `deploymentId: "${deployment.id}"` };

const questions: Record<string, (email: string) => string> = {
  email: (email) => `query { email(where: { address: "${email}" }) { id } }`,
  workspaceUser: (email) => `query { workspaceUser(${at.w}, user: { email: "${email}" }) { id } }`,
  workspaceUsers: (email) => `query { workspaceUsers(${at.w}, user: { email: "${email}" }) { id } }`,
  deploymentUsers: (email) => `query { deploymentUsers(${at.d}, user: { email: "${email}" }) { id } }`,
  workspaceRemoveUser: (email) => `mutation { workspaceRemoveUser(${at.w}, email: "${email}") { id } }`,
  "workspaceRemoveUser with an ID": (email) =>
    `mutation { workspaceRemoveUser(${at.w}, userUuid: "${boss.id}", email: "${email}") { id } }`,
  workspaceUpdateUserRole: (email) =>
    `mutation { workspaceUpdateUserRole(${at.w}, email: "${email}", role: WORKSPACE_VIEWER) }`,
  deploymentAddUserRole: (email) =>
    `mutation { deploymentAddUserRole(${at.d}, email: "${email}", role: DEPLOYMENT_VIEWER) { id } }`,
  "deploymentAddUserRole with an ID": (email) =>
    `mutation { deploymentAddUserRole(${at.d}, userId: "${boss.id}", email: "${email}", role: DEPLOYMENT_VIEWER) { id } }`,
  deploymentUpdateUserRole: (email) =>
    `mutation { deploymentUpdateUserRole(${at.d}, email: "${email}", role: DEPLOYMENT_VIEWER) { id } }`,
  deploymentRemoveUserRole: (email) => `mutation { deploymentRemoveUserRole(${at.d}, email: "${email}") { id } }`,
  // Last, because it adds them: an account to the users, another address to the invitations.
  workspaceAddUser: (email) =>
    `mutation { workspaceAddUser(${at.w}, email: "${email}", role: WORKSPACE_VIEWER) { id } }`,
};

const addresses = {
  known: (await build.user()).email,
  pending: (await build.user({ status: "pending" })).email,
  unknown: "nobody@example.com",
};

it.each(Object.entries(questions))(
  "T23: %s gives the same answer, whether or not somebody has the address",
  async (_, ask) => {
    const answers = await Promise.all(Object.values(addresses).map((email) => as(boss).send(ask(email))));
    for (const answer of answers) expect(answer).toEqual(answers[0]);
  },
);
