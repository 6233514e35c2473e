import { DEFAULT_ORGANIZATION } from "../../src/access/scopePaths.ts";
import type { PrismaClient } from "../../src/generated/prisma/client.ts";
import type { Build } from "../support/build.ts";

/** The path of the default Organization. */
export const HOME = `/organizations/${DEFAULT_ORGANIZATION}`;

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
