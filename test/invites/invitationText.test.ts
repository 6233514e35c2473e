import { expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";
import { createMailbox } from "../support/mailbox.ts";

const mailbox = createMailbox();
const { as, build } = await testHouston({ email: { folder: mailbox.folder } });

it.each<[label: string, shown: string]>([
  ["Data & Science (EU)", "Data & Science (EU)"],
  ["Pay at https://evil.example/pay?now now", "Pay at evil example pay now now"],
  ["www.evil.example", "evil example"],
  ["evil.example", "evil example"],
  ["mail me@evil.example <b>now</b>", "mail me evil example b now b"],
  ["evil。example", "evil example"],
  ["x".repeat(80), "x".repeat(80)],
])("an invitation says the Workspace's label as plain text without links: %j", async (label, shown) => {
  const { workspace, admin } = await build.workspace({ label });
  const email = `guest-${workspace.id}@example.com`;
  const given = `email: "${email}", workspaceUuid: "${workspace.id}", role: WORKSPACE_VIEWER`;
  const add = `mutation { workspaceAddUser(${given}) { id } }`;
  expect((await as(admin).send(add)).errors).toBeUndefined();
  await mailbox.token("invite", email);
  const [mail] = await mailbox.mails("invite", email);
  const text = (mail?.text ?? "").replace(/\s+/g, " ");
  expect(text).toContain(shown);
  if (label !== shown) expect(`${mail?.subject} ${text}`).not.toContain(label);
  expect(`${mail?.subject} ${text}`).not.toMatch(/evil[.。]example/);
});
