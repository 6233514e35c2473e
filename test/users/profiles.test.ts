import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";

const { as, build, db } = await testHouston();
const root = await build.systemAdmin();

const FIELDS = "id username fullName status emails { address } profile { key value }";

/** A user with a profile and two addresses, who is in no Workspace. */
async function person(name: string) {
  const user = await build.user({ email: `${name}@example.com`, username: name, profile: { phone: "555" } });
  const other = `${name}@private.example`;
  await db.email.create({ data: { userId: user.id, address: other, verified: true, primary: false } });
  return { ...user, other };
}

const own = (name: string) => ({
  username: name,
  fullName: "Test Person",
  status: "active",
  profile: [{ key: "phone", value: "555" }],
  emails: [{ address: `${name}@example.com` }, { address: `${name}@private.example` }],
});

const known = (name: string, address: string) => ({
  username: name,
  fullName: "Test Person",
  status: "active",
  profile: null,
  emails: [{ address }],
});

describe("others in a Workspace see username, full name, status and the address that was named", () => {
  it.each([
    ["named by its other address", "private.example"],
    ["named by its first address", "example.com"],
  ])("%s", async (_, domain) => {
    const name = domain === "example.com" ? "ada" : "grace";
    const user = await person(name);
    const { deployment, home } = await build.deployment();
    const w = home?.workspace.id;
    const add = `workspaceAddUser(email: "${name}@${domain}", workspaceUuid: "${w}", role: WORKSPACE_VIEWER,
        deploymentRoles: [{ deploymentId: "${deployment.id}", role: DEPLOYMENT_VIEWER }])`;
    expect((await as(home?.admin).send(`mutation { ${add} { id } }`)).errors).toBeUndefined();
    const paths = {
      workspaceUsers: `{ found: workspaceUsers(workspaceUuid: "${w}") { ${FIELDS} } }`,
      deploymentUsers: `{ found: deploymentUsers(deploymentId: "${deployment.id}") { ${FIELDS} } }`,
      users: `{ found: users { ${FIELDS} } }`,
    };
    for (const [path, document] of Object.entries(paths)) {
      // A document seen before takes the fast path.
      for (const _again of [1, 2]) {
        if (path !== "users") {
          const { data } = await as(home?.viewer).send(document);
          const shown = data?.found?.find(({ id }: { id: string }) => id === user.id);
          if (path === "workspaceUsers") expect(shown).toEqual({ id: user.id, ...known(name, `${name}@${domain}`) });
        }
        const { data } = await as(root).send(document);
        expect(data.found).toContainEqual({ id: user.id, ...own(name) });
      }
    }
    const { data } = await as(user).send(`{ self { user { ${FIELDS} } } }`);
    expect(data.self.user).toEqual({ id: user.id, ...own(name) });
  });

  it("and those in the same team no address that nobody named to them", async () => {
    const user = await person("lin");
    const mate = await build.user();
    const { team } = await build.team({ members: [user, mate] });
    const { data } = await as(mate).send(`{ teamUsers(teamUuid: "${team.id}") { ${FIELDS} } }`);
    expect(data.teamUsers).toContainEqual({ id: user.id, ...known("lin", ""), emails: [] });
  });
});
