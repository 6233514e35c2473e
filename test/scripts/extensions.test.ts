import { buildSchema } from "graphql";
import { expect, it } from "vitest";
import { extensionsOf } from "../../scripts/extensions.ts";

const contract = `
  scalar Uuid
  type Query { workspace(id: Uuid!): Workspace, role: Role }
  type Workspace { id: Uuid! }
  input Search { id: Uuid }
  enum Role { ADMIN }
  union Found = Workspace
`;
const directives = "directive @public on FIELD_DEFINITION";

it("lists nothing where there is nothing of our own", () => {
  expect(extensionsOf(contract, contract)).toBe("");
});

it("lists own definitions, fields, arguments, values and members, without prose", () => {
  const ours = `
    ${directives}
    scalar Uuid
    type Query {
      workspace(id: Uuid!, "Part of the label." label: String): Workspace @public
      role: Role @public
      "Number of Workspaces."
      workspaceCount(since: Int = 0): Int! @public
    }
    "A Workspace."
    type Workspace { id: Uuid!, memberCount: Int! }
    type Note { text: String }
    input Search { id: Uuid, label: String }
    enum Role { ADMIN, VIEWER }
    union Found = Workspace | Note
  `;
  const listed = extensionsOf(ours, contract);
  expect(listed.trim().split(/\n\n+/)).toEqual([
    directives,
    "extend type Query {\n  workspace(label: String): Workspace\n  workspaceCount(since: Int = 0): Int! @public\n}",
    "extend type Workspace {\n  memberCount: Int!\n}",
    "type Note {\n  text: String\n}",
    "extend input Search {\n  label: String\n}",
    "extend enum Role {\n  VIEWER\n}",
    "extend union Found = Note",
  ]);
  expect(() => buildSchema(`${contract} ${listed.replace(/ +workspace\(.*\n/, "")}`)).not.toThrow();
});
