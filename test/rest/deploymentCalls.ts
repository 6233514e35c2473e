import { DEFAULT_ORGANIZATION } from "../../src/access/scopePaths.ts";
import { REST_PREFIX } from "../../src/api/rest/addRestRoutes.ts";
import type { PrismaClient } from "../../src/generated/prisma/client.ts";
import type { Someone } from "../support/as.ts";
import type { Build } from "../support/build.ts";

/** An answer of the Platform API. */
interface RestAnswer {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: a test states the shape it expects.
  body: any;
}

/** `rest(admin).get(path)`: a request about the Deployments of the default Organization, or of another. */
export function deploymentCalls(url: string) {
  const send = async (someone: Someone, method: string, path: string, organization: string): Promise<RestAnswer> => {
    const response = await fetch(`${url}${REST_PREFIX}/organizations/${organization}/deployments${path}`, {
      method,
      headers: someone ? { authorization: `Bearer ${someone.token}` } : {},
    });
    const text = await response.text();
    return { status: response.status, body: text === "" ? undefined : JSON.parse(text) };
  };
  return (someone: Someone, organization: string = DEFAULT_ORGANIZATION) => ({
    get: (path: string) => send(someone, "GET", path, organization),
    delete: (path: string) => send(someone, "DELETE", path, organization),
  });
}

/** Another Organization with a Workspace and a Deployment. */
export async function otherOrganization(db: PrismaClient, build: Build) {
  const organization = await db.organization.create({ data: { name: "Other" } });
  const home = await build.workspace();
  await db.workspace.update({ where: { id: home.workspace.id }, data: { organizationId: organization.id } });
  const inside = await build.deployment({ workspaceId: home.workspace.id });
  return { organization, home, inside };
}
