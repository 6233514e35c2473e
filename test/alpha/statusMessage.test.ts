import { readFileSync } from "node:fs";
import { pino } from "pino";
import { afterAll, describe, expect, it } from "vitest";
import { DEFAULT_ORGANIZATION } from "../../src/access/scopePaths.ts";
import { alphaNouns, createAlphaSchema } from "../../src/api/alpha/createAlphaSchema.ts";
import { createAlpha } from "../support/alpha.ts";
import { startTestApp } from "../support/app.ts";
import { createBuild } from "../support/build.ts";

const sdl = readFileSync(new URL("../../alpha.graphql", import.meta.url), "utf8").replace(
  "type Mutation {",
  `type Mutation {
  rename(orgId: String, name: String): StatusMessage!
    @auth(permission: "organization.config.update", on: ORGANIZATION, id: "organization")
  greet(orgId: String): StatusMessage! @auth(on: ORGANIZATION, id: "organization")
  signedIn: StatusMessage! @auth
  broken: StatusMessage! @public
`,
);
const reached: string[] = [];
const done = (message: string) => () => {
  reached.push(message);
  return { message };
};
const Mutation = {
  rename: done("renamed"),
  greet: done("greeted"),
  signedIn: done("signed in"),
  broken: () => {
    throw new Error("connection string postgres://houston:hunter2@db");
  },
};
const lines: Record<string, unknown>[] = [];
const log = pino({ level: "info" }, { write: (line: string) => void lines.push(JSON.parse(line)) });
const alphaSchema = createAlphaSchema(
  { ...alphaNouns, resolvers: [...alphaNouns.resolvers, { Mutation }] as never },
  sdl,
);
const { url, operationsUrl, db, config, close } = await startTestApp({ publicSignups: true }, { alphaSchema, log });
afterAll(close);
const build = createBuild(db, config);
const alpha = createAlpha(url);

const admin = await build.systemAdmin();
const { organization: other, owner, member, outsider } = await build.organization();
const { id: workspaceId } = await db.workspace.create({ data: { label: "Blue", organizationId: other.id } });
const viewer = await build.user({ roles: [{ role: "WORKSPACE_VIEWER", workspaceId }] });

describe("a mutation of the alpha API", () => {
  it("reports a denial of the guard in its answer, not as an error", async () => {
    const { status, errors, data } = await alpha(undefined).send("mutation { signedIn { success message id code } }");
    expect([status, errors]).toEqual([200, undefined]);
    const message = "You do not have the appropriate permissions for that";
    expect(data.signedIn).toEqual({ success: false, message, id: null, code: "UNAUTHENTICATED" });
    const bad = await alpha({ token: "nonsense" }).send("mutation { signedIn { success code } }");
    expect(bad.data.signedIn).toEqual({ success: false, code: "UNAUTHENTICATED" });
    expect((await alpha(outsider).send("mutation { signedIn { success code } }")).data.signedIn).toEqual({
      success: true,
      code: null,
    });
  });

  it("reports an unexpected error without details, and logs it", async () => {
    const { status, errors, data } = await alpha(undefined).send("mutation { broken { success message code } }");
    expect([status, errors]).toEqual([200, undefined]);
    const message = "Internal server error";
    expect(data.broken).toEqual({ success: false, message, code: "INTERNAL_SERVER_ERROR" });
    const logged = lines.find(({ msg }) => msg === "Unexpected error");
    expect(logged).toMatchObject({ requestId: expect.any(String), err: { stack: expect.any(String) } });
  });

  it("runs after the mutations before it in the request, whose failure does not stop it", async () => {
    const password = "correct horse";
    const { data } = await alpha(undefined).send(`mutation {
      before: createToken(username: "ada@example.com", password: "${password}") { success code }
      create: createNewUser(email: "ada@example.com", password: "${password}") { success }
      again: createNewUser(email: "bad address", password: "${password}") { success code }
      after: createToken(username: "ada@example.com", password: "${password}") { success code }
    }`);
    expect(data).toEqual({
      before: { success: false, code: "UNAUTHENTICATED" },
      create: { success: true },
      again: { success: false, code: "BAD_USER_INPUT" },
      // Its e-mail address is not confirmed yet: the user exists.
      after: { success: false, code: "FORBIDDEN" },
    });
  });

  it("is counted and logged with the code of its failure", async () => {
    lines.length = 0;
    await alpha(outsider, { organization: other.id }).send(
      "mutation { one: rename { success } two: signedIn { success } }",
    );
    const metrics = await (await fetch(`${operationsUrl}/metrics`)).text();
    expect(metrics).toContain(`houston_graphql_root_fields_total{field="rename",outcome="FORBIDDEN",via="apollo"} 1`);
    expect(metrics).toMatch(/houston_graphql_root_fields_total\{field="signedIn",outcome="ok",via="apollo"\} \d/);
    const line = { path: "/alpha", status: 200, fields: ["rename", "signedIn"], errors: ["FORBIDDEN"] };
    await expect.poll(() => lines).toContainEqual(expect.objectContaining(line));
  });

  it("stays a GraphQL error if the document is invalid", async () => {
    const { status, errors } = await alpha(undefined).send("mutation { createToken { success } }");
    expect(status).toBe(400);
    expect(errors?.[0]?.extensions.code).toBe("GRAPHQL_VALIDATION_FAILED");
  });
});

describe("the header organization", () => {
  const send = async (
    someone: { token: string } | undefined,
    organization: string | undefined,
    call = "rename",
  ): Promise<{ success: boolean; message: string; code: string | null }> => {
    reached.length = 0;
    const given = organization === undefined ? {} : { organization };
    const { data } = await alpha(someone, given).send(`mutation { result: ${call} { success message code } }`);
    expect(reached).toHaveLength(data.result.success ? 1 : 0);
    return data.result;
  };
  const foreign = {
    success: false,
    message: "organization: you do not belong to this Organization",
    code: "FORBIDDEN",
  };

  it("names the Organization on which the permission is checked", async () => {
    const renamed = { success: true, message: "renamed", code: null };
    expect(await send(owner, other.id)).toEqual(renamed);
    expect(await send(admin, other.id)).toEqual(renamed);
    const { organization, owner: second } = await build.organization();
    expect(await send(owner, organization.id)).toEqual(foreign);
    expect(await send(second, organization.id)).toEqual(renamed);
    expect(await send(admin, ` ${DEFAULT_ORGANIZATION} `)).toMatchObject({ success: true });
  });

  it.each([undefined, "", " "])("is required (%j)", async (organization) => {
    expect(await send(admin, organization)).toEqual({
      success: false,
      message: "organization: is required: send the ID of the Organization in the header `organization`",
      code: "BAD_USER_INPUT",
    });
    expect(await send(undefined, organization)).toMatchObject({ code: "UNAUTHENTICATED" });
  });

  it("is denied alike for an Organization of others and an unknown one", async () => {
    expect(await send(outsider, other.id)).toEqual(foreign);
    expect(await send(outsider, "nothing")).toEqual(foreign);
    expect(await send(outsider, `${other.id}, ${DEFAULT_ORGANIZATION}`)).toEqual(foreign);
    expect(await send(outsider, other.id, "greet")).toEqual(foreign);
    expect(await send(outsider, "nothing", "greet")).toEqual(foreign);
  });

  it("reports an unknown Organization to callers who may change every one", async () => {
    expect(await send(admin, "nothing")).toMatchObject({
      message: expect.stringContaining("not found"),
      code: "NOT_FOUND",
    });
  });

  it("denies a member without the permission in the usual words", async () => {
    const message = "You do not have the appropriate permissions for that";
    const denied = { success: false, message, code: "FORBIDDEN" };
    expect(await send(member, other.id)).toEqual(denied);
    expect(await send(viewer, other.id)).toEqual(denied);
    expect(await send(outsider, DEFAULT_ORGANIZATION)).toEqual(denied);
  });

  it("is enough for a member where no permission is required", async () => {
    const greeted = { success: true, message: "greeted", code: null };
    expect(await send(member, other.id, "greet")).toEqual(greeted);
    expect(await send(viewer, other.id, "greet")).toEqual(greeted);
    expect(await send(outsider, DEFAULT_ORGANIZATION, "greet")).toMatchObject({ success: true });
  });

  it("must agree with orgId", async () => {
    expect(await send(admin, other.id, `rename(orgId: "${other.id}")`)).toMatchObject({ success: true });
    expect(await send(admin, other.id, `rename(orgId: "")`)).toMatchObject({ success: true });
    expect(await send(admin, other.id, `rename(orgId: "${DEFAULT_ORGANIZATION}")`)).toEqual({
      success: false,
      message: "orgId: must be the ID of the Organization in the header `organization`",
      code: "BAD_USER_INPUT",
    });
  });
});
