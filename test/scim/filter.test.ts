import { beforeAll, describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";
import { scimClient } from "../support/scim.ts";

const houston = await testHouston();
const { build, db } = houston;
await build.user();
const client = await scimClient(houston);

const ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const people = [
  {
    ...{ userName: "Ada@example.com", externalId: "Ext-A", title: "Engineer", name: { familyName: "Lovelace" } },
    emails: [
      { type: "work", value: "ada@work.example" },
      { type: "home", value: "ada@home.example", primary: true },
    ],
    [ENTERPRISE]: { department: "Research", manager: { value: "boss" } },
  },
  {
    ...{ userName: "bob@example.com", externalId: "ext-a", active: false, name: { familyName: 'O\'Neil "Bob" \\ é' } },
    emails: [
      { type: "home", value: "ada@work.example.org" },
      { type: "work", value: "bob@home.example" },
    ],
  },
  { userName: "ÇELİK", displayName: "50% _x", nickName: "C" },
];
const ids: string[] = [];
let groupId = "";

beforeAll(async () => {
  for (const [n, person] of people.entries()) {
    const { body } = await client.post("/Users", person);
    ids.push(body.id);
    const createdAt = new Date(Date.UTC(2026, 0, n + 1, 10));
    await db.scimUser.updateMany({ where: { userId: body.id }, data: { createdAt } });
  }
  groupId = (await client.post("/Groups", { displayName: "Blue Team", members: [{ value: ids[0] }] })).body.id;
});

/** The names of the users that meet a filter. */
async function found(filter: string): Promise<string[] | string> {
  const resources = await client.find("/Users", filter);
  if (!Array.isArray(resources)) return resources.scimType;
  return resources.map(({ id }: { id: string }) => "ABC"[ids.indexOf(id)] ?? "?").sort();
}

describe("a filter of users", () => {
  it.each([
    ['userName eq "ada@EXAMPLE.com"', "A"],
    ['USERNAME EQ "ada@example.com"', "A"],
    ['urn:ietf:params:scim:schemas:core:2.0:User:userName sw "B"', "B"],
    ['userName eq "çelİk"', "C"],
    ['userName ne "ada@example.com"', "BC"],
    ['userName co "EXAMPLE"', "AB"],
    ['userName ew ".COM"', "AB"],
    ['userName gt "b"', "BC"],
    ['externalId eq "ext-a"', "B"],
    ["externalId pr", "AB"],
    ["not (externalId pr)", "C"],
    ["externalId eq null", "C"],
    ["externalId ne null", "AB"],
    ["active eq false", "B"],
    ['active eq "False"', "B"],
    ["active ne false", "AC"],
    ['title eq "ENGINEER"', "A"],
    ['title ne "engineer"', "BC"],
    ['not (title eq "engineer")', "BC"],
    ["title pr or nickName pr", "AC"],
    ['name.familyName eq "o\'neil \\"BOB\\" \\\\ \\u00e9"', "B"],
    ['displayName co "% _"', "C"],
    ['displayName co "%_"', ""],
    [`${ENTERPRISE}:department eq "research"`, "A"],
    [`${ENTERPRISE}:manager.value eq "boss"`, "A"],
    [`${ENTERPRISE}:MANAGER.VALUE pr`, "A"],
    ["emails pr", "AB"],
    ['emails eq "bob@home.example"', "B"],
    ['emails.value co "@work.example"', "AB"],
    ['emails.type eq "home"', "AB"],
    // One value meets both.
    ['emails[type eq "work" and value co "@work.example"]', "A"],
    ['emails[type eq "work"].value co "@work.example"', "A"],
    ['emails[type eq "work"].value sw "bob"', "B"],
    // Any values do.
    ['emails[type eq "work"] and emails.value co "@work.example"', "AB"],
    ['emails.type eq "work" and emails.value co "@work.example"', "AB"],
    ["emails[primary eq true]", "A"],
    ['emails[not (type eq "home")]', "AB"],
    ['not (emails[type eq "work"])', "C"],
    ['meta.created gt "2026-01-01T11:00:00Z"', "BC"],
    ['meta.created ge "2026-01-02T12:00:00+02:00"', "BC"],
    ['meta.created eq "2026-01-02T10:00:00.000Z"', "B"],
    ['meta.created lt "2026-01-03T10:00:00Z" and not (meta.created le "2026-01-01T10:00:00Z")', "B"],
    ['meta.resourceType eq "User"', "ABC"],
    ["title pr and active eq true or nickName pr", "AC"],
    ["title pr and (active eq false or nickName pr)", ""],
    ['userName eq "ada@example.com\\u0000"', ""],
  ])("%s finds %s", async (filter, expected) => {
    expect(await found(filter)).toEqual([...expected]);
  });

  it("finds the members of a group", async () => {
    expect(await found(`groups.value eq "${groupId}"`)).toEqual(["A"]);
    expect(await found('groups[display sw "blue"]')).toEqual(["A"]);
    expect(await found("not (groups pr)")).toEqual(["B", "C"]);
  });

  it("finds users by ID", async () => {
    expect(await found(`id eq "${ids[1]}" or id eq "${ids[2]}"`)).toEqual(["B", "C"]);
    expect(await found(`id eq "${ids[1]?.toUpperCase()}"`)).toEqual([]);
  });

  it.each([
    ...['nothing eq "x"', 'name.nothing eq "x"', 'emails[nothing eq "x"]', 'name eq "x"', 'password eq "x"'],
    ...[
      'title[type eq "x"]',
      'emails[type eq "x" and emails[type eq "y"]]',
      "userName",
      "userName eq",
      'userName = "x"',
    ],
    ...['userName eq "x', "userName eq 'x'", "userName eq x", '(userName eq "x"', 'userName eq "x")', "", "and"].slice(
      0,
      5,
    ),
    ...['userName eq "x" userName pr', "not userName pr", 'active eq "maybe"', "active gt true", "title gt null"],
    ...[
      'meta.created gt "yesterday"',
      'meta.created co "2026"',
      'userName eq {"a":1}',
      `${"(".repeat(40)}title pr${")".repeat(40)}`,
    ],
    `title eq "${"x".repeat(9_000)}"`,
  ])("%s is refused", async (filter) => {
    const { status, body } = await client.get(`/Users?filter=${encodeURIComponent(filter)}`);
    expect([status, body.status, body.scimType]).toEqual([400, "400", "invalidFilter"]);
  });
});

describe("a filter of groups", () => {
  it.each([
    ['displayName eq "blue team"', 1],
    ['displayName sw "BLUE" and members pr', 1],
    ['displayName eq "red"', 0],
    ['members[type eq "User"]', 1],
    ["not (members pr)", 0],
    ['meta.created gt "2026-01-01T00:00:00Z"', 1],
  ])("%s finds %i", async (filter, count) => {
    expect(await client.find("/Groups", filter)).toHaveLength(count);
  });

  it("finds those of a member", async () => {
    for (const filter of [`members eq "${ids[0]}"`, `members.value eq "${ids[0]}"`, `members[value eq "${ids[0]}"]`]) {
      expect(await client.find("/Groups", filter)).toHaveLength(1);
      expect(await client.find("/Groups", filter.replace(ids[0] ?? "", ids[1] ?? ""))).toHaveLength(0);
    }
  });
});

describe("a page", () => {
  it.each([
    ["startIndex=2&count=1", [3, 2, 1, 1]],
    ["startIndex=0&count=2", [3, 1, 2, 2]],
    ["startIndex=-5", [3, 1, 3, 3]],
    ["startIndex=9", [3, 9, 0, 0]],
    ["count=0", [3, 1, 0, 0]],
    ["count=-1", [3, 1, 0, 0]],
    ["count=100000", [3, 1, 3, 3]],
    ["sortBy=userName&sortOrder=descending", [3, 1, 3, 3]],
  ])("of %s", async (query, expected) => {
    const { body } = await client.get(`/Users?${query}`);
    const { totalResults, startIndex, itemsPerPage, Resources } = body;
    expect([totalResults, startIndex, itemsPerPage, Resources.length]).toEqual(expected);
  });

  it.each(["count=x", "startIndex=1.5", "count=99999999999", "filter=title%20pr&filter=title%20pr"])(
    "is refused for %s",
    async (query) => {
      expect(await client.get(`/Users?${query}`)).toMatchObject({ status: 400, body: { status: "400" } });
    },
  );

  it("may be asked for in a body", async () => {
    const search = {
      schemas: ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],
      filter: "title pr",
      attributes: ["title"],
      count: 5,
    };
    const { status, body } = await client.post("/Users/.search", search);
    expect(status).toBe(200);
    expect(body.Resources).toEqual([{ schemas: expect.any(Array), id: ids[0], title: "Engineer" }]);
    expect((await client.post("/Groups/.search", { count: 0 })).body).toMatchObject({ totalResults: 1, Resources: [] });
  });
});

describe("attributes and excludedAttributes", () => {
  const keys = async (query: string) => {
    const { body } = await client.get(`/Users/${ids[0]}?${query}`);
    return Object.keys(body).sort();
  };

  it("choose what an answer has, besides what every answer has", async () => {
    expect(await keys("attributes=userName")).toEqual(["id", "schemas", "userName"]);
    expect(await keys("attributes=USERNAME,%20nothing")).toEqual(["id", "schemas", "userName"]);
    expect(await keys("excludedAttributes=id,schemas,emails,name,meta,groups,title,externalId,active")).toEqual(
      ["id", "schemas", ENTERPRISE, "userName"].sort(),
    );
  });

  it("choose parts of values", async () => {
    const { body } = await client.get(
      `/Users/${ids[0]}?attributes=emails.type,name.familyName,${ENTERPRISE}:department`,
    );
    expect(body).toEqual({
      ...{ schemas: expect.any(Array), id: ids[0], name: { familyName: "Lovelace" } },
      ...{ emails: [{ type: "work" }, { type: "home" }], [ENTERPRISE]: { department: "Research" } },
    });
    const rest = (await client.get(`/Users/${ids[0]}?excludedAttributes=emails.value,${ENTERPRISE}:manager`)).body;
    expect(rest.emails).toEqual([{ type: "work" }, { type: "home", primary: true }]);
    expect(rest[ENTERPRISE]).toEqual({ department: "Research" });
    expect((await client.get(`/Users/${ids[0]}?attributes=${ENTERPRISE}`)).body[ENTERPRISE]).toMatchObject({
      department: "Research",
    });
  });

  it("are honoured by answers to changes", async () => {
    const patch = { Operations: [{ op: "replace", path: "title", value: "Engineer" }] };
    const { body } = await client.send("PATCH", `/Users/${ids[0]}?attributes=title`, patch);
    expect(Object.keys(body).sort()).toEqual(["id", "schemas", "title"]);
  });
});

describe("what SCIM does not serve", () => {
  it.each([
    ["GET", "/nothing", 404],
    ["GET", "", 404],
    ["GET", "/Users/x/y", 404],
    ["DELETE", "/Users", 405],
    ["POST", "/Users/x", 405],
    ["POST", "/Schemas", 405],
    ["PUT", "/ServiceProviderConfig", 405],
    ["GET", "/Me", 501],
    ["POST", "/Bulk", 501],
    ["POST", "/.search", 501],
    ["GET", "/Schemas/unknown", 404],
    ["GET", "/Schemas?filter=id%20pr", 403],
  ])("%s %s is answered with %i", async (method, path, status) => {
    const answer = await client.send(method, path, method === "GET" || method === "DELETE" ? undefined : {});
    expect(answer).toMatchObject({ status, body: { status: String(status) } });
  });
});
