import { readFile } from "node:fs/promises";
import { makeExecutableSchema } from "@graphql-tools/schema";
import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputType,
  getNamedType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isLeafType,
  isListType,
  isNonNullType,
} from "graphql";
import { expect, it } from "vitest";
import type { Context } from "../../src/access/context.ts";
import { DEFAULT_ORGANIZATION } from "../../src/access/scopePaths.ts";
import { createSchema } from "../../src/api/graphql/createSchema.ts";
import { REST_PREFIX } from "../../src/api/http/restPrefix.ts";
import { nouns } from "../../src/services/nouns.ts";
import { startTestApp } from "../support/app.ts";
import { doorsOf } from "../support/doors.ts";
import { figures } from "../support/figures.ts";
import { testHouston } from "../support/houston.ts";
import { openSocket, protocols } from "../support/sockets.ts";

const { url, build } = await testHouston();
const schema = createSchema(nouns);

/** What no error may contain: stacks, paths, modules, SQL, names of constraints and columns, codes of Prisma and SQL. */
const leak =
  /\\n\s+at |\n\s+at |node_modules|\/src\/|\.(ts|js|mjs):\d|prisma|\bP[12]\d{3}\b|SQLSTATE|\b(22|23|40|42|53|57|08)[0-9A-Z]{3}\b.*sql|syntax error at or near|relation "|column "|constraint "|\bSELECT .* FROM\b|INSERT INTO|UPDATE "|_(pkey|fkey|key|idx|plain)\b|pg_|postgres(ql)?:\/\/|invalid byte sequence|ECONNREFUSED|houston_test|test_[0-9a-f]{12}|Cannot read prop|is not a function|is not iterable|undefined is/i;

/** Strings that break what reads them carelessly. */
const strings = [
  "a\0b",
  "\ud800",
  '\'; DROP TABLE "User"; --',
  "%s%n\\u0000$1",
  "x".repeat(10_000),
  "../../../etc/passwd",
  "cmi0000000000000000000000",
  "",
];
const numbers = [2_147_483_647, -2_147_483_648, 0, -1];

/** The value of an argument: one that is hard to digest. */
function valueFor(type: GraphQLInputType, nth: number, depth = 0): unknown {
  const nullable = getNullableType(type);
  if (isListType(nullable)) return [valueFor(nullable.ofType as GraphQLInputType, nth, depth)];
  if (isEnumType(nullable)) return nullable.getValues()[nth % nullable.getValues().length]?.name;
  if (isInputObjectType(nullable)) {
    if (depth > 2) return {};
    const fields = Object.values(nullable.getFields());
    return Object.fromEntries(fields.map(({ name, type: field }) => [name, valueFor(field, nth, depth + 1)]));
  }
  const { name } = getNamedType(type);
  if (name === "Int" || name === "Float") return numbers[nth % numbers.length];
  if (name === "Boolean") return nth % 2 === 0;
  if (name === "JSON") return { [strings[nth % strings.length] ?? "a"]: [strings[nth % strings.length], 1e308] };
  return strings[nth % strings.length];
}

function operationFor(kind: string, field: GraphQLField<unknown, unknown>, nth: number) {
  const given = field.args.filter(({ type }: GraphQLArgument) => isNonNullType(type) || nth % 3 !== 2);
  const declared = given.map(({ name, type }) => `$${name}: ${type}`).join(", ");
  const passed = given.map(({ name }) => `${name}: $${name}`).join(", ");
  const selection = isLeafType(getNamedType(field.type)) ? "" : "{ __typename }";
  const query = `${kind}${declared && ` (${declared})`} { ${field.name}${passed && `(${passed})`} ${selection} }`;
  return { query, variables: Object.fromEntries(given.map(({ name, type }) => [name, valueFor(type, nth)])) };
}

it("G13: 500 errors tell nothing of stacks, tables, columns, paths and Prisma", { timeout: 600_000 }, async () => {
  const admin = await build.systemAdmin();
  let [errors, internal] = [0, 0];
  const leaks: string[] = [];
  const look = (text: string, from: string) => {
    const found = leak.exec(text);
    if (found) leaks.push(`${from}: ${text.slice(Math.max(0, found.index - 100), found.index + 100)}`);
  };
  const roots = { query: schema.getQueryType(), mutation: schema.getMutationType() };
  const doors = doorsOf(url, admin).filter(({ name }) => name !== "/alpha");
  for (const [kind, root] of Object.entries(roots)) {
    for (const field of Object.values(root?.getFields() ?? {})) {
      // They would sign the caller out, or remove them.
      if (["removeUser", "logout", "deleteUser"].includes(field.name)) continue;
      for (let nth = 0; nth < 6; nth += 1) {
        const { query, variables } = operationFor(kind, field, nth);
        const answer = await (doors[nth === 5 ? 1 + (errors % 2) : 0] ?? doors[0])?.send(query, variables);
        for (const error of answer?.errors ?? []) {
          errors += 1;
          if (error.extensions.code === "INTERNAL_SERVER_ERROR") internal += 1;
          look(JSON.stringify(error), query);
        }
      }
    }
  }
  // Bytes that are no text, and JSON that is none.
  for (const path of ["/v1", "/alpha", "/platform/v1beta1/organizations"]) {
    for (const body of [
      new Uint8Array([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]),
      new Uint8Array([0xef, 0xbb, 0xbf, 0x00]),
      '{"query":',
      '{"query":1}',
      '{"query":"{ self { user { id } } }","variables":"a"}',
      '{"query":"{ self { user { id } } }","operationName":{"a":1}}',
      '{"query":"{ self { user { id } } }","extensions":{"persistedQuery":{"version":1,"sha256Hash":"a"}}}',
      "1e999999",
      "null",
    ]) {
      const headers = { "content-type": "application/json", authorization: admin.token };
      const response = await fetch(url + path, { method: "POST", headers, body });
      if (response.status >= 400) errors += 1;
      if (response.status >= 500) internal += 1;
      look(await response.text(), `${path} ${String(body).slice(0, 40)}`);
    }
  }
  figures("G13", { errors, internal, leaks: leaks.length });
  expect(leaks).toEqual([]);
  expect(errors).toBeGreaterThan(500);
});

/** Resolvers that fail as bugs do. */
const failures: Record<string, (root: unknown, args: unknown, ctx: Context) => unknown> = {
  sql: (_, __, { pool }) => pool.query('SELECT nothing FROM "User" WHERE "nowhere" = 1'),
  prisma: (_, __, { db }) => db.user.findUniqueOrThrow({ where: { id: "a", nothing: 1 } as never }),
  raw: (_, __, { db }) => db.$queryRawUnsafe("SELECT 1 FROM missing_relation"),
  division: (_, __, { pool }) => pool.query("SELECT 1 / 0"),
  bytes: (_, __, { pool }) => pool.query("SELECT $1::text", ["a\0b"]),
  file: () => readFile("/etc/houston/secrets.json"),
  type: () => (undefined as unknown as { read(): void }).read(),
  text: () => Promise.reject("postgresql://houston:hunter2@database:5432/houston"),
  nothing: () => Promise.reject(undefined),
  connection: () =>
    Promise.reject(Object.assign(new Error("connect to 10.0.0.1:5432 at /src/main.ts:1"), { code: "E" })),
};

it("G13: 500 errors of SQL, Prisma and bugs are shown as internal errors, through every door", {
  timeout: 300_000,
}, async () => {
  // Neutral names: an error has its path.
  const failing = Object.fromEntries(Object.values(failures).map((fail, nth) => [`field${nth}`, fail]));
  const names = Object.keys(failing);
  const typeDefs = `type Query { fine: String ${names.map((name) => `${name}: String`).join(" ")} }
    type Subscription { ${names.map((name) => `${name}: String`).join(" ")} }`;
  const subscriptions = names.map((name) => [name, { subscribe: failing[name] as never }]);
  const broken = makeExecutableSchema<Context>({
    typeDefs,
    resolvers: { Query: failing, Subscription: Object.fromEntries(subscriptions) },
  });
  const app = await startTestApp({}, { schema: broken, alphaSchema: broken });
  try {
    let errors = 0;
    const leaks: string[] = [];
    for (let round = 0; round < 12; round += 1) {
      for (const { name: door, send } of doorsOf(app.url)) {
        for (const name of names) {
          const isSocket = !door.startsWith("/");
          const queries = isSocket ? [`{ ${name} }`, `subscription { ${name} }`] : [`{ ${name} fine }`];
          for (const query of queries) {
            const answer = await send(query);
            errors += answer.errors.length;
            const text = JSON.stringify(answer);
            if (leak.test(text) || !text.includes('"Internal server error"')) leaks.push(`${door} ${query}: ${text}`);
          }
        }
      }
    }
    figures("G13: bugs", { errors, leaks: leaks.length });
    expect(leaks).toEqual([]);
    expect(errors).toBeGreaterThan(500);
  } finally {
    await app.close();
  }
});

it("G13: nor do errors of a database that lacks a column, in every API and on sockets", async () => {
  const { url: at, as: asThere, build: buildThere, db } = await testHouston();
  const { token } = await buildThere.systemAdmin();
  const headers = { authorization: token, "content-type": "application/json" };
  const ask = async (path: string, body?: object) => {
    const given = body && { method: "POST", body: JSON.stringify(body) };
    const response = await fetch(at + path, { headers, ...given });
    return [response.status, await response.text()] as const;
  };
  const texts: string[] = [];
  const expectHidden = ([status, text]: readonly [number, string]) => {
    expect([status, text]).toEqual([500, expect.stringContaining('"Internal server error"')]);
    texts.push(text);
  };
  const workspaces = `${REST_PREFIX}/organizations/${DEFAULT_ORGANIZATION}/workspaces`;
  await db.$executeRaw`ALTER TABLE "Workspace" RENAME COLUMN "description" TO "prose"`;
  expectHidden(await ask(workspaces));
  expectHidden(await ask(workspaces, { name: "Blue" }));
  for (const document of ["{ workspaces { id description } }", 'mutation { createWorkspace(label: "a") { id } }']) {
    const { errors } = await asThere({ token }).send(document);
    expect(errors).toMatchObject([{ message: "Internal server error" }]);
    texts.push(JSON.stringify(errors));
  }
  // From now on, nobody's token can be looked up.
  await db.$executeRaw`ALTER TABLE "Session" RENAME COLUMN "expiresAt" TO "until"`;
  expectHidden(await ask(workspaces));
  expectHidden(await ask("/v1/audit-log"));
  texts.push((await ask("/alpha", { query: "{ organizations { id } }" }))[1]);
  for (const protocol of protocols) {
    const socket = await openSocket(at, protocol);
    socket.send({ type: "connection_init", payload: { authorization: token } });
    texts.push((await socket.closed).reason);
  }
  expect(texts).toContain("Internal server error");
  for (const text of texts) expect(text).not.toMatch(leak);
});

it("G13: nor do errors while the database is gone", { timeout: 120_000 }, async () => {
  const lost = await testHouston({ database: { pool: { acquireTimeout: 1_000 } } });
  const { token } = await lost.build.systemAdmin();
  expect((await lost.as({ token }).send("{ self { user { id } } }")).errors).toBeUndefined();
  await lost.database.drop();
  const texts: string[] = [];
  for (const { send } of doorsOf(lost.url, undefined).slice(0, 2))
    texts.push(JSON.stringify(await send("{ __typename }")));
  for (const document of [
    "{ self { user { id } } }",
    "{ workspaces { id } }",
    'mutation { createWorkspace(label: "a") { id } }',
    'mutation { createToken(identity: "a@example.com", password: "wrong horse") { token { value } } }',
  ]) {
    for (let n = 0; n < 3; n += 1) texts.push(JSON.stringify(await lost.as({ token }).send(document)));
  }
  for (const text of texts) expect(text).not.toMatch(leak);
});
