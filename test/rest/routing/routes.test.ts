import Fastify from "fastify";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import type { Permission } from "../../../src/access/permissions.ts";
import { addRestRoutes } from "../../../src/api/rest/addRestRoutes.ts";
import { routes } from "../../../src/api/rest/routes.ts";
import { holding, inOrganization, type Route, signedIn } from "../../../src/api/rest/routing/route.ts";
import { testHouston } from "../../support/houston.ts";

const { app } = await testHouston();

const route: Route = {
  operationId: "paintWorkspace",
  tag: "workspace",
  method: "POST",
  path: "/paint",
  summary: "Paint a Workspace",
  access: [signedIn],
  errors: [400, 401, 403, 500],
  work: { compute: async () => ({}) },
};

const start = (...table: unknown[]) =>
  addRestRoutes(Fastify() as never, app.services, undefined, table as readonly Route[]);

describe("the server does not start with", () => {
  it("a route that does not say who may call it", async () => {
    const { access: _, ...without } = route;
    const message = "POST /paint (paintWorkspace) does not say who may call it";
    await expect(start(without)).rejects.toThrow(message);
    await expect(start({ ...route, access: [] })).rejects.toThrow(message);
    await expect(start(...routes, { ...route, access: undefined })).rejects.toThrow(message);
  });

  it("an unknown permission", async () => {
    const access = [signedIn, holding("SYSTEM", "", "system.paint.get" as Permission)];
    await expect(start({ ...route, access })).rejects.toThrow("names system.paint.get, which is not a permission");
  });

  it("a rule about an argument that the request does not have", async () => {
    const message = "paintWorkspace: a rule names organizationId, which no request has";
    await expect(start({ ...route, access: [inOrganization] })).rejects.toThrow(message);
    const access = [holding("WORKSPACE", "workspaceId", "workspace.config.get")];
    const [having, lacking] = [z.strictObject({ workspaceId: z.string() }), z.strictObject({ name: z.string() })];
    await expect(start({ ...route, access, body: lacking })).rejects.toThrow("a rule names workspaceId");
    await expect(start({ ...route, access, body: z.union([having, lacking]) })).rejects.toThrow(
      "a rule names workspaceId",
    );
    await expect(start({ ...route, access, body: having })).resolves.toBeUndefined();
    await expect(start({ ...route, access, path: "/{workspaceId}" })).resolves.toBeUndefined();
  });

  it("two routes of the same name, or of the same method and path", async () => {
    await expect(start(route, { ...route, path: "/other" })).rejects.toThrow("paintWorkspace exists twice");
    await expect(start(route, { ...route, operationId: "other" })).rejects.toThrow("POST /paint exists twice");
    await expect(start(route, { ...route, operationId: "other", method: "GET" })).resolves.toBeUndefined();
  });
});
