import { randomBytes } from "node:crypto";
import { newApiKey } from "../../src/access/apiKey.ts";
import { signToken } from "../../src/access/jwt.ts";
import type { Prisma, PrismaClient, Role } from "../../src/generated/prisma/client.ts";
import type { Config } from "../../src/platform/config/config.ts";
import { hashOf } from "../../src/platform/secrets/tokens.ts";

const unique = () => randomBytes(5).toString("hex");

/** A role on the system, or on the scope with the given ID. */
interface ScopedRole {
  role: Role;
  organizationId?: string;
  workspaceId?: string;
  deploymentId?: string;
}

/** Factories that write rows into the database, with every row that these need. */
export type Build = ReturnType<typeof createBuild>;

export function createBuild(db: PrismaClient, config: Config) {
  /** Release names are unique and end in four digits, as real ones do. */
  let releases = 1000;

  /** An active user with a verified e-mail address, a token and these `roles`, each on its scope or on the system. */
  async function user(
    given: Partial<Prisma.UserCreateInput> & {
      email?: string;
      roles?: ScopedRole[];
    } = {},
  ) {
    const { email = `${unique()}@example.com`, roles = [], ...data } = given;
    const row = await db.user.create({
      data: {
        username: email,
        fullName: "Test Person",
        status: "active",
        ...data,
        emails: { create: { address: email, primary: true, verified: true, proven: true } },
        roleBindings: { create: roles },
      },
    });
    return { ...row, email, token: await tokenOf(row.id) };
  }

  /** A valid token of a user, with its session. */
  async function tokenOf(userId: string) {
    const now = new Date();
    const expiresAt = new Date(now.getTime() + config.jwt.authDuration);
    const session = await db.session.create({ data: { userId, expiresAt } });
    return signToken(config, userId, session.id, now, expiresAt).value;
  }

  const systemAdmin = () => user({ roles: [{ role: "SYSTEM_ADMIN" }] });

  /** A Workspace with an Admin, an Editor and a Viewer, and an outsider, who has no role anywhere. */
  async function workspace(given: { label?: string; description?: string } = {}) {
    const row = await db.workspace.create({ data: { label: `Workspace ${unique()}`, ...given } });
    const member = (role: Role) => user({ roles: [{ role, workspaceId: row.id }] });
    const [admin, editor, viewer, outsider] = await Promise.all([
      member("WORKSPACE_ADMIN"),
      member("WORKSPACE_EDITOR"),
      member("WORKSPACE_VIEWER"),
      user(),
    ]);
    return { workspace: row, admin, editor, viewer, outsider };
  }

  /** An Organization with an Owner and a User, and an outsider, who has no role anywhere. */
  async function organization(given: { name?: string } = {}) {
    const row = await db.organization.create({ data: { name: `Organization ${unique()}`, ...given } });
    const holder = (role: Role) => user({ roles: [{ role, organizationId: row.id }] });
    const [owner, member, outsider] = await Promise.all([
      holder("ORGANIZATION_OWNER"),
      holder("ORGANIZATION_USER"),
      user(),
    ]);
    return { organization: row, owner, member, outsider };
  }

  /** A Deployment, in a new Workspace unless one is given, with a user for each of the three Deployment roles. */
  async function deployment(given: Partial<Prisma.DeploymentUncheckedCreateInput> = {}) {
    const home = given.workspaceId ? undefined : await workspace();
    const workspaceId = given.workspaceId ?? home?.workspace.id ?? "";
    const releaseName = given.releaseName ?? `quiet-comet-${releases++}`;
    await db.releaseName.upsert({ where: { name: releaseName }, create: { name: releaseName }, update: {} });
    const row = await db.deployment.create({
      data: {
        label: `Deployment ${unique()}`,
        namespace: `houston-${releaseName}`,
        version: config.deployments.chart.version,
        executor: "CeleryExecutor",
        config: { executor: "CeleryExecutor" },
        dagDeployment: { type: "image" },
        ...given,
        workspaceId,
        releaseName,
      },
    });
    const member = (role: Role) => user({ roles: [{ role, deploymentId: row.id }] });
    const [admin, editor, viewer] = await Promise.all([
      member("DEPLOYMENT_ADMIN"),
      member("DEPLOYMENT_EDITOR"),
      member("DEPLOYMENT_VIEWER"),
    ]);
    return { deployment: row, admin, editor, viewer, home };
  }

  /** A service account with a role on the system, or on the given Organization, Workspace or Deployment. `token` is its API key. */
  async function serviceAccount(given: ScopedRole & { label?: string }) {
    const { role, label = `account ${unique()}`, ...scope } = given;
    const token = newApiKey();
    const row = await db.serviceAccount.create({
      data: {
        label,
        ...scope,
        createdBy: "user:nobody",
        keyHash: hashOf(token),
        keyStart: token.slice(0, 6),
        roleBindings: { create: { role, ...scope } },
      },
    });
    return { ...row, token };
  }

  /**
   * A team with a new user as member, or with the given `members`, and with `roles`, each on its scope or on the
   * system. In a Workspace its Admins see the members.
   */
  async function team(
    given: { name?: string; provider?: string; members?: { id: string }[]; roles?: ScopedRole[] } = {},
  ) {
    const { name = `Team ${unique()}`, members, roles = [], ...rest } = given;
    const member = await user();
    const row = await db.team.create({
      data: {
        name,
        ...rest,
        members: { create: (members ?? [member]).map(({ id }) => ({ userId: id })) },
        roleBindings: { create: roles.map((role) => ({ vouchedBy: "user:nobody", ...role })) },
      },
    });
    return { team: row, member };
  }

  return { user, tokenOf, systemAdmin, organization, workspace, deployment, serviceAccount, team };
}
