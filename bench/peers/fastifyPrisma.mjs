import { PrismaPg } from "@prisma/adapter-pg";
import Fastify from "fastify";
import { PrismaClient } from "../../src/generated/prisma/client.ts";
import { SESSION_OPTIONS } from "../../src/platform/database/sessionOptions.ts";
import { deploymentInclude, toDeployment } from "./prismaDeployment.mjs";
import {
  endOnSignal,
  prepared,
  systemAdmins,
  systemReaders,
  verify,
  workspaceAdmins,
  workspaceReaders,
} from "./shared.mjs";

/** The Platform API as one would write it today: Fastify, and Prisma for every access to the database. */

const adapter = new PrismaPg(
  { connectionString: process.env.DATABASE_URL, max: 10, options: SESSION_OPTIONS },
  { statementNameGenerator: ({ sql }) => prepared(sql).name },
);
const prisma = new PrismaClient({ adapter });

const DEFAULT_ORGANIZATION = "clorgdefault0000000000000";
const deploymentReaders = ["DEPLOYMENT_ADMIN", "DEPLOYMENT_EDITOR", "DEPLOYMENT_VIEWER"];

class HttpError extends Error {
  constructor(statusCode, message) {
    super(message);
    this.statusCode = statusCode;
  }
}

const server = Fastify();
server.decorateRequest("caller", null);

/** Who calls, with their roles: the token must be signed by us, and its session still exist. */
server.addHook("preHandler", async (request) => {
  const token = verify(request.headers.authorization?.slice("Bearer ".length));
  if (!token) throw new HttpError(401, "Unauthenticated");
  const session = await prisma.session.findFirst({
    where: {
      id: token.sessionId,
      userId: token.userId,
      expiresAt: { gt: new Date() },
      user: { status: "active" },
    },
    select: {
      user: {
        select: {
          id: true,
          username: true,
          fullName: true,
          roleBindings: { select: { role: true, workspaceId: true, deploymentId: true } },
        },
      },
    },
  });
  if (!session) throw new HttpError(401, "Unauthenticated");
  request.caller = session.user;
  await assertMember(request.caller, request.params.organizationId);
});

/** Everyone belongs to the first Organization, and those who hold a role in another one to that. */
async function assertMember({ roleBindings }, organizationId) {
  if (organizationId === DEFAULT_ORGANIZATION || hasSystemRole(roleBindings, systemReaders)) return;
  const workspaces = idsIn(roleBindings, "workspaceId");
  const deployments = idsIn(roleBindings, "deploymentId");
  const found = await prisma.workspace.findFirst({
    where: { organizationId, OR: [{ id: { in: workspaces } }, { deployments: { some: { id: { in: deployments } } } }] },
    select: { id: true },
  });
  if (!found) throw new HttpError(403, "Forbidden");
}

const idsIn = (bindings, column, roles) =>
  bindings.filter((one) => one[column] !== null && (!roles || roles.includes(one.role))).map((one) => one[column]);

const hasSystemRole = (bindings, roles) => bindings.some(({ role }) => roles.includes(role));

/** The Deployments that the caller may see. */
function visible({ roleBindings }) {
  if (hasSystemRole(roleBindings, systemReaders)) return {};
  return {
    OR: [
      { workspaceId: { in: idsIn(roleBindings, "workspaceId", workspaceReaders) } },
      { id: { in: idsIn(roleBindings, "deploymentId", deploymentReaders) } },
    ],
  };
}

/** Whether the caller may see the variables of a Deployment. */
const seesVariables = ({ roleBindings }, { id, workspaceId }) =>
  hasSystemRole(roleBindings, systemReaders) ||
  roleBindings.some(
    (one) =>
      (one.workspaceId === workspaceId && workspaceAdmins.includes(one.role)) ||
      (one.deploymentId === id && deploymentReaders.includes(one.role)),
  );

/** Users and service accounts in the columns `createdBy` and `updatedBy` of the rows, by what the columns hold. */
async function loadSubjects(rows) {
  const actors = [...new Set(rows.flatMap(({ createdBy, updatedBy }) => [createdBy, updatedBy]))];
  const idsOf = (kind) => actors.filter((actor) => actor?.startsWith(kind)).map((actor) => actor.slice(kind.length));
  const [userIds, accountIds] = [idsOf("user:"), idsOf("serviceAccount:")];
  const [users, accounts] = await Promise.all([
    userIds.length > 0
      ? prisma.user.findMany({ where: { id: { in: userIds } }, select: { id: true, username: true, fullName: true } })
      : [],
    accountIds.length > 0
      ? prisma.serviceAccount.findMany({ where: { id: { in: accountIds } }, select: { id: true, label: true } })
      : [],
  ]);
  return new Map([
    ...users.map((user) => [`user:${user.id}`, { subjectType: "USER", ...user }]),
    ...accounts.map(({ id, label }) => [
      `serviceAccount:${id}`,
      { subjectType: "SERVICEKEY", id, apiTokenName: label },
    ]),
  ]);
}

async function answerOf(caller, deployments) {
  const subjects = await loadSubjects(deployments);
  return deployments.map((one) => toDeployment(one, subjects, seesVariables(caller, one)));
}

const prefix = "/platform/v1beta1/organizations/:organizationId";
const sortColumns = { createdAt: "createdAt", name: "label", updatedAt: "updatedAt" };

server.get(`${prefix}/deployments`, async ({ caller, params, query }) => {
  const [limit, offset] = [Number(query.limit ?? 20), Number(query.offset ?? 0)];
  const [name, direction] = (query.sorts ?? "createdAt:asc").split(":");
  const where = { organizationId: params.organizationId, deletedAt: null, ...visible(caller) };
  const [rows, totalCount] = await Promise.all([
    prisma.deployment.findMany({
      where,
      include: deploymentInclude,
      orderBy: [{ [sortColumns[name]]: direction }, { id: direction }],
      take: limit,
      skip: offset,
    }),
    prisma.deployment.count({ where }),
  ]);
  return { deployments: await answerOf(caller, rows), totalCount, offset, limit };
});

server.get(`${prefix}/deployments/:deploymentId`, async ({ caller, params }) => {
  const row = await prisma.deployment.findFirst({
    where: { id: params.deploymentId, organizationId: params.organizationId, deletedAt: null, ...visible(caller) },
    include: deploymentInclude,
  });
  if (!row) throw new HttpError(404, "Deployment not found");
  const [deployment] = await answerOf(caller, [row]);
  return deployment;
});

server.post(`${prefix}/workspaces`, async ({ caller, params, body }) => {
  const actor = `user:${caller.id}`;
  const workspace = await prisma.$transaction(async (tx) => {
    const created = await tx.workspace.create({
      data: {
        organizationId: params.organizationId,
        label: body.name,
        description: body.description ?? "",
        cicdEnforcedDefault: body.cicdEnforcedDefault ?? false,
        createdBy: actor,
        updatedBy: actor,
        roleBindings: { create: { role: "WORKSPACE_ADMIN", userId: caller.id } },
      },
      include: { organization: { select: { name: true } } },
    });
    await tx.auditEntry.create({
      data: {
        action: "createWorkspace",
        actor,
        entityType: "Workspace",
        entityId: created.id,
        workspaceId: created.id,
        detail: { label: created.label },
      },
    });
    return created;
  });
  const { id, organizationId, organization, label, description, cicdEnforcedDefault, createdAt, updatedAt } = workspace;
  const me = { subjectType: "USER", id: caller.id, username: caller.username, fullName: caller.fullName };
  return {
    ...{ id, organizationId, organizationName: organization.name, name: label, description, cicdEnforcedDefault },
    ...{ createdAt, updatedAt, createdBy: me, updatedBy: me },
  };
});

server.delete(`${prefix}/workspaces/:workspaceId`, async ({ caller, params }, reply) => {
  const { workspaceId, organizationId } = params;
  const may =
    hasSystemRole(caller.roleBindings, systemAdmins) ||
    caller.roleBindings.some((one) => one.workspaceId === workspaceId && workspaceAdmins.includes(one.role));
  if (!may) throw new HttpError(403, "Forbidden");
  await prisma.$transaction(async (tx) => {
    const { label } = await tx.workspace.delete({
      where: { id: workspaceId, organizationId },
      select: { label: true },
    });
    await tx.auditEntry.create({
      data: {
        action: "deleteWorkspace",
        actor: `user:${caller.id}`,
        entityType: "Workspace",
        entityId: workspaceId,
        workspaceId,
        detail: { label },
      },
    });
  });
  return reply.code(204).send();
});

await server.listen({ host: "127.0.0.1", port: Number(process.env.PORT) });
endOnSignal(async () => {
  await server.close();
  await prisma.$disconnect();
});
