import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { testHouston } from "../support/houston.ts";
import { entraUser, scimClient } from "../support/scim.ts";

const houston = await testHouston();
const { build, db } = houston;
await build.user();
const client = await scimClient(houston);

const ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/** A user as a list of paths and values: what each operation means is one assignment. */
type Model = Map<string, unknown>;

/** An operation as a client writes it, and what it means. */
interface Step {
  operations: object[];
  apply(model: Model): void;
}

const set = (name: string, value: unknown) => (model: Model) => void model.set(name, value);
const drop = (name: string) => (model: Model) => void model.delete(name);

/** Any case, as both clients have one. */
const op = (name: "add" | "replace") => fc.constantFrom(name, name[0]?.toUpperCase() + name.slice(1));
const remove = fc.constantFrom("remove", "Remove");
const word = fc.stringMatching(/^[A-Za-z"\\ ü%_]{1,8}$/);
const either = fc.constantFrom("add" as const, "replace" as const).chain(op);

/** Attributes with one value: the name in the model, and the path. */
const single = fc.constantFrom(
  ...(["title", "displayName", "nickName", "name.givenName", "name.familyName"] as const).map((name) => [name, name]),
  ["department", `${ENTERPRISE}:department`],
  ["employeeNumber", `${ENTERPRISE}:employeeNumber`],
);
const type = fc.constantFrom("work", "home", "other");

const steps: fc.Arbitrary<Step>[] = [
  fc.tuple(either, single, word, fc.boolean()).map(([op, [name = "", path = ""], value, hasPath]) => ({
    operations: [hasPath ? { op, path, value } : { op, value: { [path]: value } }],
    apply: set(name, value),
  })),
  fc.tuple(remove, single).map(([op, [name = "", path]]) => ({ operations: [{ op, path }], apply: drop(name) })),
  // Adding null adds nothing; it removes what it replaces.
  fc.tuple(op("add"), single).map(([op, [, path = ""]]) => ({
    operations: [{ op, value: { [path]: null } }],
    apply: () => undefined,
  })),
  fc.tuple(op("replace"), single).map(([op, [name = "", path = ""]]) => ({
    operations: [{ op, value: { [path]: null } }],
    apply: drop(name),
  })),
  fc.tuple(op("replace"), fc.boolean(), fc.constantFrom("text", "boolean", "noPath")).map(([op, active, form]) => ({
    operations: [
      form === "noPath"
        ? { op, value: { active, id: "ignored", meta: {}, schemas: [] } }
        : { op, path: "active", value: form === "text" ? (active ? "True" : "False") : active },
    ],
    apply: set("active", active),
  })),
  // Creates the value that does not exist.
  fc.tuple(either, type, word).map(([op, type, value]) => ({
    operations: [{ op, path: `phoneNumbers[type eq "${type}"].value`, value }],
    apply: set(`phone ${type}`, value),
  })),
  // A new value of a type takes the place of the old one.
  fc.tuple(op("add"), type, word).map(([op, type, value]) => ({
    operations: [{ op, path: "phoneNumbers", value: [{ type, value }] }],
    apply: set(`phone ${type}`, value),
  })),
  fc.tuple(op("replace"), type, word).map(([op, type, value]) => ({
    operations: [{ op, path: "phoneNumbers", value: { type, value } }],
    apply(model) {
      for (const one of ["work", "home", "other"]) model.delete(`phone ${one}`);
      model.set(`phone ${type}`, value);
    },
  })),
  fc.tuple(remove, type).map(([op, type]) => ({
    operations: [{ op, path: `phoneNumbers[type eq "${type}"]` }],
    apply: drop(`phone ${type}`),
  })),
  fc.tuple(op("replace"), fc.constantFrom("boss", "chief"), fc.boolean()).map(([op, value, isText]) => ({
    operations: [{ op, path: `${ENTERPRISE}:manager`, value: isText ? value : { value } }],
    apply: set("manager", value),
  })),
  fc.tuple(remove, fc.constant("")).map(([op]) => ({
    operations: [{ op, path: `${ENTERPRISE}:manager` }],
    apply: drop("manager"),
  })),
];

const bad = fc.constantFrom<object>(
  { op: "replace", path: "nothing", value: 1 },
  { op: "replace", path: "active", value: "maybe" },
  { op: "remove", path: "userName" },
  { op: "remove", path: "active" },
  { op: "add", path: "meta.created", value: "x" },
  { op: "replace", path: 'emails[type co "x"].value', value: "x" },
  { op: "remove" },
);

// biome-ignore lint/suspicious/noExplicitAny: the JSON of an answer.
function modelOf(body: any): Record<string, unknown> {
  const { title, displayName, nickName, name, active, phoneNumbers = [], [ENTERPRISE]: enterprise } = body;
  const found = {
    ...{ title, displayName, nickName, active, "name.givenName": name?.givenName, "name.familyName": name?.familyName },
    ...{
      department: enterprise?.department,
      employeeNumber: enterprise?.employeeNumber,
      manager: enterprise?.manager?.value,
    },
    ...Object.fromEntries(phoneNumbers.map((one: { type: string; value: string }) => [`phone ${one.type}`, one.value])),
  };
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
}

const patches = fc.array(
  fc.record({
    steps: fc.array(fc.oneof(...steps), { minLength: 1, maxLength: 4 }),
    fails: fc.option(bad, { freq: 4 }),
  }),
  { minLength: 1, maxLength: 12 },
);

describe("any sequence of PATCHes", () => {
  it("of a user does what each operation means, all of a PATCH or nothing", async () => {
    await fc.assert(
      fc.asyncProperty(patches, async (walk) => {
        const { body } = await client.post("/Users", entraUser());
        const model: Model = new Map(Object.entries(modelOf(body)));
        for (const { steps: chosen, fails } of walk) {
          const operations = chosen.flatMap((step) => step.operations);
          const answer = await client.patch(`/Users/${body.id}`, ...operations, ...(fails ? [fails] : []));
          expect(answer.status, JSON.stringify([operations, answer.body])).toBe(fails ? 400 : 200);
          if (!fails) for (const step of chosen) step.apply(model);
          const now = await client.get(`/Users/${body.id}`);
          expect(modelOf(now.body), JSON.stringify(operations)).toEqual(Object.fromEntries(model));
          if (!fails) expect(now.body).toEqual(answer.body);
        }
      }),
      { numRuns: 60 },
    );
  }, 120_000);

  it("of a group leaves the members that the operations leave one after the other", async () => {
    const users = await Promise.all(
      Array.from({ length: 6 }, async () => (await client.post("/Users", entraUser())).body.id),
    );
    const some = fc.subarray<string>(users);
    const values = (ids: readonly string[]) => ids.map((value) => ({ value, $ref: null, display: "ignored" }));
    type Change = { operation: object; apply(members: Set<string>): void };
    const take = (ids: readonly string[]) => (members: Set<string>) => {
      for (const id of ids) members.delete(id);
    };
    const give = (ids: readonly string[]) => (members: Set<string>) => {
      for (const id of ids) members.add(id);
    };
    const change: fc.Arbitrary<Change> = fc.oneof(
      fc.tuple(op("add"), some, fc.boolean()).map(([op, ids, hasPath]) => ({
        operation: hasPath ? { op, path: "members", value: values(ids) } : { op, value: { members: values(ids) } },
        apply: give(ids),
      })),
      fc.tuple(remove, some).map(([op, ids]) => ({
        operation: { op, path: "members", value: values(ids) },
        apply: take(ids),
      })),
      fc.tuple(remove, fc.subarray<string>(users, { minLength: 1 })).map(([op, ids]) => ({
        operation: { op, path: `Members[${ids.map((id) => `VALUE eq "${id}"`).join(" or ")}]` },
        apply: take(ids),
      })),
      fc.tuple(op("replace"), some).map(([op, ids]) => ({
        operation: { op, path: "members", value: values(ids) },
        apply(members: Set<string>) {
          members.clear();
          give(ids)(members);
        },
      })),
      remove.map((op) => ({ operation: { op, path: "members" }, apply: (members: Set<string>) => members.clear() })),
    );
    const walk = fc.array(fc.array(change, { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 8 });
    let names = 0;
    await fc.assert(
      fc.asyncProperty(walk, async (walked) => {
        const { body } = await client.post("/Groups", { displayName: `Walk ${names++}` });
        const members = new Set<string>();
        for (const changes of walked) {
          const answer = await client.patch(`/Groups/${body.id}`, ...changes.map(({ operation }) => operation));
          expect(answer.status, JSON.stringify(changes)).toBe(204);
          for (const one of changes) one.apply(members);
          const stored = await db.teamMember.findMany({ where: { teamId: body.id } });
          expect(stored.map(({ userId }) => userId).sort(), JSON.stringify(changes)).toEqual([...members].sort());
        }
      }),
      { numRuns: 60 },
    );
  }, 120_000);
});
