import { expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";

const { as, build, db } = await testHouston();

it("Workspace Admins see which service accounts were made by somebody who was removed", async () => {
  const { deployment, home } = await build.deployment();
  const workspaceId = deployment.workspaceId;
  const { member } = await build.team({ roles: [{ role: "WORKSPACE_EDITOR", workspaceId }] });
  const creators = { editor: home?.editor, "by team": member, "system role": await build.systemAdmin() };
  for (const [label, creator] of Object.entries(creators)) {
    const given = `workspaceUuid: "${workspaceId}", label: "${label}", role: WORKSPACE_VIEWER`;
    const create = `mutation { createWorkspaceServiceAccount(${given}) { id } }`;
    expect((await as(creator).send(create)).errors).toBeUndefined();
  }
  const list = `{ workspaceServiceAccounts(workspaceUuid: "${workspaceId}") { label creatorRemoved } }`;
  const removed = async () =>
    (await as(home?.admin).send(list)).data.workspaceServiceAccounts
      .filter(({ creatorRemoved }: { creatorRemoved: boolean }) => creatorRemoved)
      .map(({ label }: { label: string }) => label);
  expect(await removed()).toEqual([]);
  await db.roleBinding.deleteMany({ where: { userId: home?.editor.id ?? "" } });
  expect(await removed()).toEqual(["editor"]);
  await db.user.delete({ where: { id: member.id } });
  expect(await removed()).toEqual(["editor", "by team"]);
});
