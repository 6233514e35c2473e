import { expect, it } from "vitest";
import { doorsOf } from "../support/doors.ts";
import { testHouston } from "../support/houston.ts";

const { url, build } = await testHouston();

/** Typos, each with a name of the schema that graphql-js would suggest. Those of variables are found later. */
const typos: [query: string, variables?: Record<string, unknown>][] = [
  ["{ appConfi { version } }"],
  ["{ appConfig { versio } }"],
  ["{ user { id } }"],
  ["mutation { createWorkspac { id } }"],
  ["subscription { deploymentStatu { status } }"],
  ["{ users(usr: {}) { id } }"],
  ['mutation { createWorkspace(lable: "a") { id } }'],
  ['{ workspace(workspaceUid: "a") { id } }'],
  ['{ users(user: { emal: "a" }) { id } }'],
  ['mutation { workspaceAddUser(email: "a", workspaceUuid: "b", role: WORKSPACE_VIEWR) { id } }'],
  ['mutation { createSystemRoleBinding(userId: "a", role: SYSTEM_ADMN) { id } }'],
  ["{ users @includ(if: true) { id } }"],
  ["{ users @skp(if: true) { id } }"],
  ["{ users @include(of: true) { id } }"],
  ["{ ...A } fragment A on Workspac { id }"],
  ["{ users { ... on Usr { id } } }"],
  ["query ($a: UserSearh) { users(user: $a) { id } }"],
  ["query ($search: UserSearch) { users(user: $serach) { id } }"],
  ["{ users { roleBindings { workspac { id } } } }"],
  ["query ($search: UserSearch) { users(user: $search) { id } }", { search: { emal: "a" } }],
  [
    'mutation ($role: Role!) { workspaceAddUser(email: "a", workspaceUuid: "b", role: $role) { id } }',
    { role: "WORKSPACE_VIEWR" },
  ],
  ["query ($search: UserSearch) { users(user: $search) { id } }", { search: { userId: [{ fulName: "a" }] } }],
];

it.each(typos)(
  "G11: errors suggest no names of the schema, in both APIs and over both sockets: %s",
  async (...typo) => {
    const { token } = await build.user();
    for (const { name, send } of doorsOf(url, { token })) {
      const { errors } = await send(...typo);
      expect(errors.length, name).toBeGreaterThan(0);
      for (const { message } of errors) expect(message, name).not.toMatch(/did you mean/i);
    }
  },
);

it("G11: errors about fields begin as clients expect", async () => {
  for (const { name, send } of doorsOf(url)) {
    const { errors } = await send("{ appConfi { version } }");
    expect(errors, name).toMatchObject([
      { message: expect.stringMatching(/^Cannot query field "appConfi" on type "/) },
    ]);
  }
});
