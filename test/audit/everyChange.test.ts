import { beforeAll, describe, expect, it } from "vitest";
import { createSchema } from "../../src/api/graphql/createSchema.ts";
import { routes } from "../../src/api/rest/routes.ts";
import { encryptedColumns } from "../../src/services/encryptedColumns.ts";
import { nouns } from "../../src/services/nouns.ts";
import { everyCall, missing } from "../clients/everyCall.ts";
import { complete, documentOf, spellings } from "../clients/spellings.ts";
import { examples } from "../rest/examples.ts";
import { createAlpha } from "../support/alpha.ts";
import { outcomeOf } from "../support/outcome.ts";
import { watchChanges } from "./watchChanges.ts";

const { as, url, build, db, app, valuesFor, send, isLeaf } = await everyCall();
const admin = await build.systemAdmin();
const watch = await watchChanges(db);

/** Values that must not be in any entry, in every place that takes a secret. */
const secrets: Record<string, unknown> = {
  password: "canary-password",
  httpsToken: "canary-token",
  environmentVariables: [{ key: "BLUE", value: "canary-variable", isSecret: true }],
  dockerconfigjson: { auths: { "registry.example.com": { auth: "canary-docker" } } },
};
async function valuesWithSecrets(field: string): Promise<Record<string, unknown>> {
  const values = await valuesFor(field);
  // A mail is only sent to an address that is not confirmed.
  if (field === "resendConfirmation")
    await db.email.update({ where: { address: String(values.email) }, data: { verified: false } });
  return { ...values, ...(field === "createToken" ? {} : secrets) };
}

/** Mutations that no client spells. */
const jobs = ["reconcileClusterMetadataJob", "cleanupDeployments", "cleanupDeployRevisions", "cleanupClusterAudits"];
const ofTokens = {
  createScimToken: "mutation ($provider: String!) { createScimToken(provider: $provider) { id token } }",
  deleteScimToken: "mutation ($id: Id!) { deleteScimToken(id: $id) { id } }",
};
const ofKeys = ["rotateServiceAccountKey", "revokePreviousServiceAccountKey"];

/** One call of each mutation, and one for each of its arguments with a secret. */
const spelled = spellings
  .filter(({ kind }) => kind === "mutation")
  .filter(({ field, path }, n, all) => all.findIndex((one) => one.field === field) === n || path in secrets)
  .map(complete)
  .filter(({ field }) => !(field in missing))
  .map((spelling) => ({
    ...{ field: spelling.field, path: spelling.path },
    document: documentOf(spelling, isLeaf({ kind: "mutation", name: spelling.field })),
  }));
const calls = [
  ...spelled,
  ...jobs.map((field) => ({ field, path: "", document: `mutation { ${field} }` })),
  ...Object.entries(ofTokens).map(([field, document]) => ({ field, path: "", document })),
  ...ofKeys.map((field) => ({
    ...{ field, path: "" },
    document: `mutation ($serviceAccountUuid: Uuid!) { ${field}(serviceAccountUuid: $serviceAccountUuid) { id } }`,
  })),
];
const oncePerField = calls.filter(({ field }, n) => calls.findIndex((one) => one.field === field) === n);

/** These calls find nothing to change, or report what they could not do in their answer. */
const changeless = new Set(["cancelRuntimeUpdate", "upgradeDeployment", "deploymentUserBulkImport"]);

const entriesOf = (action: string, since: Date) =>
  db.auditEntry.findMany({ where: { action, createdAt: { gte: since } }, orderBy: { sequence: "desc" } });

describe("a mutation", () => {
  it("is called here, whichever it is", () => {
    const known = new Set([...calls.map(({ field }) => field), ...Object.keys(missing)]);
    const ours = Object.keys(createSchema(nouns).getMutationType()?.getFields() ?? {});
    expect(ours.filter((name) => !known.has(name))).toEqual([]);
  });

  it.each(calls)("is recorded in the transaction of its change, from where it came: $field, $path", async (call) => {
    const values = await valuesWithSecrets(call.field);
    const before = await db.auditEntry.count();
    await watch.forget();
    const answer = await send(admin, call.document, values);
    expect(outcomeOf(answer)).toBe("ok");
    expect(await watch.changedInSecret()).toEqual([]);
    if ((await watch.changed()).length === 0 && changeless.has(call.field)) return;
    const entries = await db.auditEntry.findMany({ orderBy: { sequence: "desc" } });
    expect(entries.length).toBeGreaterThan(before);
    expect(entries[0]).toMatchObject({ outcome: "DONE", count: 1, via: "graphql", address: "127.0.0.1" });
  });

  it.each(oncePerField)("S8: is not made if it cannot be recorded: $field", async ({ field, document }) => {
    const values = await valuesWithSecrets(field);
    await watch.whileFailing(async () => {
      await watch.forget();
      const answer = await send(admin, document, values);
      expect(await watch.changed()).toEqual([]);
      if (!changeless.has(field)) expect(outcomeOf(answer)).toBe("INTERNAL_SERVER_ERROR");
    });
  });

  it("S8: is not made on the fast path either if it cannot be recorded", async () => {
    const document = `mutation ($label: String!) { createWorkspace(label: $label) { id } }`;
    for (const label of ["one", "two", "three"])
      expect(outcomeOf(await as(admin).send(document, { label }))).toBe("ok");
    await watch.whileFailing(async () => {
      await watch.forget();
      expect(outcomeOf(await as(admin).send(document, { label: "four" }))).toBe("INTERNAL_SERVER_ERROR");
      expect(await watch.changed()).toEqual([]);
    });
  });
});

describe("an operation of the Platform API", () => {
  // Not before: the jobs above change clusters.
  let scene: Awaited<ReturnType<typeof examples>>;
  beforeAll(async () => {
    scene = await examples(build, db);
  });
  const writes = routes.filter(({ method }) => method !== "GET");
  const call = ({ operationId, method }: (typeof writes)[number]) => {
    const { path, body: example } = scene.of(operationId);
    // The row that was created has the name of the example.
    const body = example && (operationId.startsWith("update") ? { ...example, name: `${example.name} 2` } : example);
    return fetch(`${url}/platform/v1beta1${path}`, {
      method,
      headers: { authorization: `Bearer ${admin.token}`, "content-type": "application/json" },
      ...(body && { body: JSON.stringify(body) }),
    });
  };
  // Deletions last: others are about the same rows.
  const rank = ({ operationId, method }: (typeof writes)[number]) =>
    operationId === "deleteWorkspace" ? 2 : Number(method === "DELETE");
  const ordered = writes.toSorted((one, other) => rank(one) - rank(other));

  it.each(ordered)("S8: is recorded in the transaction of its change, or not made: $operationId", async (route) => {
    if (route.operationId === "deleteWorkspace") await db.deployment.deleteMany();
    await watch.whileFailing(async () => {
      await watch.forget();
      expect((await call(route)).status).toBe(500);
      expect(await watch.changed()).toEqual([]);
    });
    await watch.forget();
    const answer = await call(route);
    expect(answer.ok, await answer.text()).toBe(true);
    expect(await watch.changedInSecret()).toEqual([]);
    expect(await watch.changed()).not.toEqual([]);
    const entry = await db.auditEntry.findFirstOrThrow({ orderBy: { sequence: "desc" } });
    expect(entry).toMatchObject({ via: "rest", address: "127.0.0.1", actor: `user:${admin.id}`, outcome: "DONE" });
  });
});

describe("signing in and out", () => {
  it("is recorded with the user, in every API", async () => {
    const since = new Date();
    const SIGN_IN = `mutation ($name: String!, $password: String!) {
      createToken(identity: $name, password: $password) { token { value } } }`;
    const email = "in-and-out@example.com";
    const signUp = `mutation { createUser(email: "${email}", password: "long enough") { user { id } token { value } } }`;
    const { user } = (await as(undefined).send(signUp)).data.createUser;
    await watch.forget();
    const { data } = await as(undefined).send(SIGN_IN, { name: email, password: "long enough" });
    const alpha = await createAlpha(url)(undefined).send(
      `mutation { createToken(identity: "${email}", password: "long enough") { success } }`,
    );
    expect(alpha.data.createToken.success).toBe(true);
    const { value } = data.createToken.token;
    const out = await fetch(`${url}/v1/logout`, { method: "POST", headers: { authorization: value } });
    expect(out.status).toBe(204);
    expect(await watch.changedInSecret()).toEqual([]);
    const of = { entityType: "User", entityId: user.id, actor: `user:${user.id}`, outcome: "DONE" };
    expect(await entriesOf("createToken", since)).toMatchObject([
      { ...of, via: "alpha", address: "127.0.0.1" },
      { ...of, via: "graphql", address: "127.0.0.1" },
    ]);
    expect(await entriesOf("logout", since)).toMatchObject([of]);
  });

  it("S8: does not work while it cannot be recorded", async () => {
    const { token } = await build.user();
    await watch.whileFailing(async () => {
      const out = await fetch(`${url}/v1/logout`, { method: "POST", headers: { authorization: token } });
      expect(out.status).toBe(500);
    });
    expect((await as({ token }).send("{ self { user { id } } }")).errors).toBeUndefined();
  });
});

describe("the database", () => {
  it("got encrypted values only in columns that rotate-keys knows", async () => {
    expect(await watch.encrypted()).toEqual([
      "Deployment.dockerconfigjson",
      "EnvironmentVariable.value",
      "ServiceAccount.keyEncrypted",
    ]);
    const known = encryptedColumns.map(({ name }) => name.split(".").slice(0, 2).join("."));
    expect(known).toEqual(expect.arrayContaining(await watch.encrypted()));
  });
});

describe("the audit log", () => {
  it("contains no secret of any of these calls, only their names", async () => {
    await app.services.denials.flush();
    const all = await db.$queryRawUnsafe<{ text: string }[]>(`SELECT e::text AS text FROM "AuditEntry" e`);
    const text = all.map((row) => row.text).join("\n");
    expect(text).not.toMatch(/canary|long enough|hou_|eyJ/);
    expect(text).toContain("BLUE");
  });
});
