import { describe, expect, it } from "vitest";
import { testHouston } from "./houston.ts";
import { createRest, errorsIn } from "./restCalls.ts";

const requestId = "one";
const headers = new Headers({ "content-type": "application/json; charset=utf-8", "x-request-id": requestId });
const subject = { id: "someone" };
const time = "2026-01-01T00:00:00.000Z";
const workspace = {
  id: "a",
  organizationId: "b",
  name: "c",
  cicdEnforcedDefault: false,
  createdAt: time,
  updatedAt: time,
};
const organization = {
  ...{ id: "a", name: "b", isScimEnabled: false, supportPlan: "TEAM", createdAt: time, updatedAt: time },
  ...{ createdBy: subject, updatedBy: subject },
  ...{ allowEnhancedSupportAccess: false, shouldEnforceDedicatedClusters: false },
};
const list = { method: "GET", path: "/organizations/b/workspaces?limit=1" };
const one = { method: "GET", path: "/organizations/b/workspaces/a" };
const create = { method: "POST", path: "/organizations/b/workspaces", body: { name: "c" } };
const error = { message: "No", requestId, statusCode: 400 };

describe("the check of requests and answers", () => {
  it.each([
    [one, { status: 200, body: workspace }],
    [create, { status: 200, body: workspace }],
    [
      { method: "DELETE", path: one.path },
      { status: 204, body: undefined },
    ],
    [list, { status: 200, body: { workspaces: [workspace], totalCount: 1, offset: 0, limit: 1 } }],
    [
      { method: "GET", path: "/organizations/a" },
      { status: 200, body: organization },
    ],
    [list, { status: 400, body: error }],
    [
      { method: "GET", path: "/nowhere" },
      { status: 404, body: { ...error, statusCode: 404 } },
    ],
  ])("accepts %j with %j", (request, answer) => {
    expect(errorsIn(request, { ...answer, headers } as never)).toEqual([]);
  });

  const { allowEnhancedSupportAccess: _, ...withoutLater } = organization;
  it.each([
    ["an unknown field", one, { status: 200, body: { ...workspace, more: 1 } }, /contract: .*additional/],
    ["a missing field", one, { status: 200, body: { ...workspace, name: undefined } }, /contract: .*'name'/],
    [
      "null for a missing value",
      one,
      { status: 200, body: { ...workspace, description: null } },
      /contract: body.desc/,
    ],
    ["what is no time", one, { status: 200, body: { ...workspace, createdAt: "today" } }, /contract: .*date-time/],
    [
      "an unknown value of an enum",
      one,
      { status: 200, body: { ...workspace, createdBy: { id: "a", subjectType: "X" } } },
      /contract: .*allowed values/,
    ],
    [
      "an answer without a field of later clients",
      { method: "GET", path: "/organizations/a" },
      { status: 200, body: withoutLater },
      /contract: .*allowEnhanced/,
    ],
    ["an undocumented status", list, { status: 404, body: { ...error, statusCode: 404 } }, /contract: status 404/],
    ["an unknown operation", { method: "GET", path: "/nowhere" }, { status: 200, body: {} }, /not in our document/],
    [
      "an unknown parameter that has no effect",
      { method: "GET", path: `${one.path}?a=b` },
      { status: 200, body: workspace },
      /contract: .*parameter a/,
    ],
    [
      "an invalid parameter",
      { method: "GET", path: "/organizations/b/workspaces?limit=x" },
      { status: 200, body: {} },
      /contract: limit/,
    ],
    [
      "an invalid body",
      { ...create, body: { name: 1 } },
      { status: 200, body: workspace },
      /contract: body.name must be string/,
    ],
    [
      "an unknown field of a body",
      { ...create, body: { name: "c", more: 1 } },
      { status: 200, body: workspace },
      /contract: .*additional/,
    ],
    ["a body where none belongs", { method: "DELETE", path: one.path }, { status: 204, body: {} }, /contract: .*empty/],
    ["another status in the body", list, { status: 401, body: error }, /statusCode/],
    ["another request ID", list, { status: 400, body: { ...error, requestId: "two" } }, /x-request-id/],
    ["an error that tells more", list, { status: 400, body: { ...error, stack: "" } }, /must not have stack/],
  ])("rejects %s", (_title, request, answer, expected) => {
    expect(errorsIn(request as never, { ...answer, headers } as never).join("\n")).toMatch(expected);
  });

  it("also happens to real answers", async () => {
    const { url, build } = await testHouston();
    const rest = createRest(url);
    const admin = await build.systemAdmin();
    const { body } = await rest(admin).get("/organizations?limit=5&sorts=name:asc&sorts=createdAt:desc");
    expect(body.organizations).toHaveLength(body.totalCount);
    expect((await rest(undefined).get("/organizations")).status).toBe(401);
    expect((await rest(admin).post("/organizations", { name: "", more: 1 })).body.fieldErrors).toHaveLength(2);
  });
});
