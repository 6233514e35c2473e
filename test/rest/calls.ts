import { expect } from "vitest";
import { REST_PREFIX } from "../../src/api/rest/addRestRoutes.ts";
import { DEFAULT_ORGANIZATION } from "../../src/access/scopePaths.ts";
import type { PrismaClient } from "../../src/generated/prisma/client.ts";
import type { Someone } from "../support/as.ts";
import type { Build } from "../support/build.ts";

export const HOME = `/organizations/${DEFAULT_ORGANIZATION}`;

export interface RestAnswer {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: a test states the shape it expects.
  body: any;
  headers: Headers;
}

export function createRest(url: string) {
  return (someone: Someone) => {
    const send = async (method: string, path: string, body?: unknown): Promise<RestAnswer> => {
      const response = await fetch(`${url}${REST_PREFIX}${path}`, {
        method,
        headers: {
          ...(body === undefined ? {} : { "content-type": "application/json" }),
          ...(someone ? { authorization: `Bearer ${someone.token}` } : {}),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      const json = text === "" ? undefined : JSON.parse(text);
      expect([200, 204, 400, 401, 403, 404, 412, 500], text).toContain(response.status);
      return { status: response.status, body: json, headers: response.headers };
    };
    return {
      get: (path: string) => send("GET", path),
      post: (path: string, body?: unknown) => send("POST", path, body),
      delete: (path: string) => send("DELETE", path),
    };
  };
}

let organizations = 0;

/** Another Organization, with a Workspace and a Deployment in it, and the users of both. */
export async function secondOrganization(db: PrismaClient, build: Build) {
  organizations += 1;
  const organization = await db.organization.create({ data: { name: `Second ${organizations}` } });
  const home = await build.workspace();
  const where = { id: home.workspace.id };
  const workspace = await db.workspace.update({ where, data: { organizationId: organization.id } });
  const inside = await build.deployment({ workspaceId: workspace.id });
  return { organization, workspace, home, inside, path: `/organizations/${organization.id}` };
}
