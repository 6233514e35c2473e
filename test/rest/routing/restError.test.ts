import { describe, expect, it } from "vitest";
import { z } from "zod";
import { InvalidRequest, restError } from "../../../src/api/rest/routing/restError.ts";
import { inOrganization, type Route } from "../../../src/api/rest/routing/route.ts";
import {
  AppError,
  badInput,
  type ErrorCode,
  forbidden,
  unauthenticated,
} from "../../../src/platform/errors/appError.ts";

const route: Route = {
  operationId: "paintWorkspace",
  tag: "workspace",
  method: "POST",
  path: "/organizations/{organizationId}/workspaces/{workspaceId}",
  summary: "Paint a Workspace",
  access: [inOrganization],
  errors: [400, 401, 403, 500],
  names: { "payload.label": "name", environmentVariables: "variables" },
  work: { compute: async () => ({}) },
};

const render = (thrown: unknown, given: Partial<Route> | null = {}) =>
  restError(thrown, { route: given ? { ...route, ...given } : undefined, requestId: "r1", bodyLimit: 100 });
const statusOf = (thrown: unknown, errors: Route["errors"] = route.errors) =>
  render(thrown, { errors }).body.statusCode;
const coded = (code: ErrorCode, argument?: string) => new AppError(code, "text", argument);
const fastify = (code: string, statusCode: number) => Object.assign(new Error("from Fastify"), { code, statusCode });

describe("restError", () => {
  it("gives each error a status that the operation documents", () => {
    expect(statusOf(badInput("x", "must be y"))).toBe(400);
    expect(statusOf(unauthenticated())).toBe(401);
    expect(statusOf(forbidden())).toBe(403);
    expect(statusOf(coded("NOT_FOUND"), [...route.errors, 404])).toBe(404);
    for (const code of ["CONFLICT", "WORKSPACE_SUSPENDED", "FEATURE_DISABLED"] as const) {
      expect(statusOf(coded(code))).toBe(400);
      expect(statusOf(coded(code), [...route.errors, 412])).toBe(412);
    }
    expect(statusOf(coded("INTERNAL_SERVER_ERROR"))).toBe(500);
    // Clients that do not know it take it for a 500; those that do try again.
    for (const code of ["SERVICE_UNAVAILABLE", "CLUSTER_UNAVAILABLE"] as const) expect(statusOf(coded(code))).toBe(503);
    expect(statusOf(fastify("FST_ERR_CTP_BODY_TOO_LARGE", 413))).toBe(400);
    expect(statusOf(fastify("FST_ERR_CTP_INVALID_MEDIA_TYPE", 415), [400, 412, 500])).toBe(400);
  });

  it("makes what is unknown in the path 403 where 404 is not documented, and other unknown rows wrong input", () => {
    expect(statusOf(coded("NOT_FOUND", "organizationId"))).toBe(403);
    expect(statusOf(coded("NOT_FOUND", "clusterId"))).toBe(400);
    expect(statusOf(coded("NOT_FOUND"))).toBe(400);
  });

  it("keeps the status outside of operations", () => {
    expect(render(fastify("FST_ERR_CTP_BODY_TOO_LARGE", 413), null).body.statusCode).toBe(413);
    expect(render(coded("NOT_FOUND"), null).body.statusCode).toBe(404);
  });

  it("hides what is unexpected", () => {
    for (const thrown of [new Error("secret"), "secret", undefined, { code: "42601", message: "secret" }]) {
      const { unexpected, body } = render(thrown);
      expect(unexpected).toBe(true);
      expect(body).toEqual({ message: "Internal server error", requestId: "r1", statusCode: 500 });
    }
  });

  it("names arguments as the operation does", () => {
    const field = (thrown: unknown) => {
      const { message, fieldErrors } = render(thrown).body;
      return [message, ...(fieldErrors ?? [])];
    };
    expect(field(badInput("payload.label", "must be short"))).toEqual([
      "name: must be short",
      { code: "BAD_USER_INPUT", field: "name", message: "must be short" },
    ]);
    expect(field(badInput("environmentVariables.0.key", "is required"))).toEqual([
      "variables.0.key: is required",
      { code: "BAD_USER_INPUT", field: "variables.0.key", message: "is required" },
    ]);
    // Only whole names: "payload.labels" is another argument.
    expect(field(badInput("payload.labels", "x"))).toMatchObject(["payload.labels: x", { field: "payload.labels" }]);
    expect(field(new AppError("CONFLICT", "No argument in front", "payload.label"))).toMatchObject([
      "No argument in front",
      { field: "name" },
    ]);
    expect(field(forbidden())).toEqual(["You do not have the appropriate permissions for that"]);
  });

  it("lists all fields of an invalid request", () => {
    const fields = [
      { code: "a", field: "x", message: "must be y" },
      { code: "b", field: "z", message: "is required" },
    ];
    const { code, body } = render(new InvalidRequest(fields));
    expect([code, body]).toEqual([
      "BAD_USER_INPUT",
      { message: "x: must be y; z: is required", requestId: "r1", statusCode: 400, fieldErrors: fields },
    ]);
    const zod = z.object({ a: z.string("must be a string") }).safeParse({}).error;
    expect(render(zod).body).toMatchObject({ statusCode: 400, message: "a: must be a string" });
  });
});
