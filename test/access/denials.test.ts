import { expect, it } from "vitest";
import { REST_PREFIX } from "../../src/api/http/restPrefix.ts";
import { routes } from "../../src/api/rest/routes.ts";
import { everyCall } from "../clients/everyCall.ts";
import { barest, isRequired, type Operation } from "../clients/spellings.ts";
import operations from "../contract/houston-operations.json" with { type: "json" };
import { examples } from "../rest/examples.ts";
import { DENIED } from "../support/outcome.ts";
import { allows, type Level, needs } from "./oracle.ts";

const { build, db, url, send, valuesFor, isLeaf } = await everyCall();

/** An ID that no row has. */
const UNKNOWN = "cmz0000000000000000000000";

const levels: readonly Level[] = ["system", "workspace", "deployment"];
const isDenied = ({ name }: Operation) => levels.every((at) => !allows({ kind: "user", own: false }, needs(name, at)));

/** Operations that are about rows, and that a user without a role may not call. */
const guarded = operations.filter(isDenied);

const idsOf = ({ args }: Operation) => args.filter(({ type }) => /^(Uuid|Id|ID|\w+WhereUniqueInput)!?$/.test(type));

/** Admins elsewhere, users without a role, and those who are not signed in. */
const callers = {
  "an Admin of another Workspace": (await build.workspace()).admin,
  "a user without a role": await build.user(),
  "a made-up token": { token: "made.up.token" },
};

it("M2: about a hundred operations are denied to a user without a role", () => {
  expect(guarded.length).toBeGreaterThan(90);
});

it.each(guarded)(
  "M2: a denied call has one message, no data, and is the same for an unknown row: $name",
  async (one) => {
    const values = await valuesFor(one.name);
    const ids = idsOf(one);
    const document = barest(
      one,
      one.args.filter((arg) => !isRequired(arg) && (ids.includes(arg) || arg.name === "releaseName")),
      isLeaf(one),
    );
    const unknown = { ...values };
    for (const { name, type } of ids) unknown[name] = type.includes("WhereUnique") ? { id: UNKNOWN } : UNKNOWN;
    if ("releaseName" in values) unknown.releaseName = "no-such-release-1234";
    for (const [name, someone] of Object.entries(callers)) {
      // A socket is closed before any subscription.
      if (one.kind === "subscription" && someone.token === "made.up.token") continue;
      const forbidden = await send(someone, document, values);
      expect([name, forbidden]).toMatchObject([name, { status: 200, errors: [{ message: DENIED }] }]);
      expect(forbidden.errors).toHaveLength(1);
      expect([null, undefined]).toContain(forbidden.data?.[one.name]);
      expect([name, await send(someone, document, unknown)]).toEqual([name, forbidden]);
    }
  },
);

const scene = await examples(build, db);
const aboutRows = routes.filter(({ path }) => /\{(workspaceId|deploymentId)\}/.test(path));

it.each(aboutRows)("M2: the Platform API tells an unknown row and a foreign one alike: $operationId", async (route) => {
  const { path, body } = scene.of(route.operationId);
  const ask = async (token: string, at: string) => {
    const response = await fetch(`${url}${REST_PREFIX}${at}`, {
      method: route.method,
      headers: { authorization: `Bearer ${token}`, ...(body && { "content-type": "application/json" }) },
      ...(body && { body: JSON.stringify(body) }),
    });
    const { requestId, ...answer } = (await response.json()) as Record<string, unknown>;
    expect(requestId).toBeTypeOf("string");
    return { status: response.status, answer };
  };
  for (const { token } of Object.values(callers)) {
    const foreign = await ask(token, path);
    expect([401, 404]).toContain(foreign.status);
    expect(await ask(token, path.replace(/[^/]+$/, UNKNOWN))).toEqual(foreign);
  }
});
