import { getNamedType, isLeafType } from "graphql";
import { createSchema } from "../../src/api/graphql/createSchema.ts";
import { hashOf, newToken } from "../../src/platform/secrets/tokens.ts";
import { nouns } from "../../src/services/nouns.ts";
import { elasticsearch } from "../logs/elasticsearch.ts";
import { testHouston } from "../support/houston.ts";
import { jsonServer } from "../support/jsonServer.ts";
import { subscribeLegacy } from "../support/sockets.ts";
import { onRuntime } from "../support/versions.ts";

/** The code that an otherwise valid call ends with, because it needs a live cluster or a payment service. */
export const missing: Record<string, string> = {
  adoptDeployment: "CLUSTER_UNAVAILABLE",
  adoptionCandidates: "CLUSTER_UNAVAILABLE",
  adoptedAirflowUsers: "CLUSTER_UNAVAILABLE",
  reconcileDeployment: "FEATURE_DISABLED",
  card: "BILLING_NOT_CONFIGURED",
  addCard: "BILLING_NOT_CONFIGURED",
  updateCard: "BILLING_NOT_CONFIGURED",
};

/** Starts Houston so that every operation of the contract can be called, with valid values for every argument. */
export async function everyCall() {
  const lines = await elasticsearch();
  const result = { status: "success", data: { resultType: "matrix", result: [] } };
  const series = await jsonServer(() => ({ status: 200, body: result }));
  const deployments = {
    upsertDeploymentEnabled: true,
    manualReleaseNames: true,
    gitSyncDagDeployment: true,
    enableUpdateDeploymentImageEndpoint: true,
  };
  const houston = await testHouston({
    publicSignups: true,
    emailConfirmation: false,
    deployments,
    elasticsearch: { enabled: true, client: { node: lines.url } },
    prometheus: { enabled: true, host: "127.0.0.1", port: series.port },
  });
  const { as, build, db, url } = houston;
  let names = 0;

  /** The rows that calls are about: a Workspace, a Deployment, users, teams and service accounts. */
  async function scene() {
    const { workspace, viewer, outsider } = await build.workspace();
    const { deployment, viewer: deploymentViewer } = await build.deployment({
      workspaceId: workspace.id,
      adoptedAt: new Date(),
      ...onRuntime("7.2.0", "2.5.1"),
    });
    const accounts = {
      system: await build.serviceAccount({ role: "SYSTEM_VIEWER" }),
      workspace: await build.serviceAccount({ role: "WORKSPACE_VIEWER", workspaceId: workspace.id }),
      deployment: await build.serviceAccount({ role: "DEPLOYMENT_VIEWER", deploymentId: deployment.id }),
    };
    const roles = [{ role: "WORKSPACE_VIEWER" as const, workspaceId: workspace.id }];
    const { team } = await build.team({
      roles: [...roles, { role: "DEPLOYMENT_VIEWER", deploymentId: deployment.id }],
    });
    const { team: otherTeam } = await build.team();
    const { id: clusterId } = await db.cluster.findFirstOrThrow({ where: { isDefault: true } });
    return { workspace, viewer, outsider, deployment, deploymentViewer, accounts, team, otherTeam, clusterId };
  }
  type Scene = Awaited<ReturnType<typeof scene>>;

  /** Values that most calls accept for an argument of that name. */
  const common = (here: Scene): Record<string, unknown> => ({
    workspaceUuid: here.workspace.id,
    deploymentUuid: here.deployment.id,
    deploymentId: here.deployment.id,
    where: { id: here.deployment.id },
    where_id: here.deployment.id,
    releaseName: here.deployment.releaseName,
    serviceAccountUuid: here.accounts.workspace.id,
    userUuid: here.viewer.id,
    userId: here.viewer.id,
    user: { email: here.viewer.email },
    user_email: here.viewer.email,
    email: here.viewer.email,
    username: here.viewer.username,
    teamUuid: here.team.id,
    groupUuid: here.otherTeam.id,
    id: here.clusterId,
    entityType: "WORKSPACE",
    entityUuid: here.workspace.id,
    label: `Spelled ${names++}`,
    name: `spelled-${names++}`,
    description: "Spelled",
    category: "spelled",
    reason: "Spelled",
    role: "WORKSPACE_EDITOR",
    provider: "local",
    userIds: [here.viewer.id],
    take: 10,
    pageNumber: 0,
    sync: true,
    bypassInvite: true,
    deploymentRoles: [{ deploymentId: here.deployment.id, role: "DEPLOYMENT_VIEWER" }],
    deploymentHardDelete: true,
    payload: { label: `Renamed ${names++}` },
    type: "airflow",
    executor: "CeleryExecutor",
    config: { executor: "CeleryExecutor" },
    properties: { extra_au: 1 },
    deploymentsConfigOverride: { maxPodAu: 10 },
    dagDeployment: {},
    triggerer: {},
    triggerer_replicas: 1,
    workers: { replicas: 2 },
    webserver: {},
    scheduler: { replicas: 1 },
    dagProcessor: {},
    image: "registry.example.com/blue:1",
    dockerconfigjson: { auths: {} },
    deployRevisionDescription: "Spelled",
    mode: "helm",
    version: "1.2.3",
    airflowVersion: "2.9.3",
    runtimeVersion: "7.2.0",
    desiredAirflowVersion: "2.9.3",
    desiredRuntimeVersion: "7.2.0",
    environmentVariables: [{ key: "BLUE", value: "1", isSecret: false }],
    // Clients send "" for an argument that is not provided.
    clusterId: "",
    cursor: "",
    namespace: "",
    cloudRole: "",
    searchPhrase: "",
    k8sVersion: "",
    state: "",
    redirect: "https://app.example.com",
    extras: {},
    profile: {},
    duration: 3_600_000,
    password: "long enough",
    inviteToken: "",
    invite: { email: "guest@example.com" },
    component: "scheduler",
    timestamp: "2026-11-21T06:43:42.383924246Z",
    search: "",
    metricType: ["DEPLOYMENT_TASKS"],
    since: 60,
    step: 60,
    crNamespace: "sales",
    crName: "sales",
    useApcLogging: true,
    useApcMetrics: true,
    useApcRegistry: true,
    acceptIncompatibilities: true,
    metadataUrl: "https://deployments.example.com/metadata",
    status: "ACTIVE",
    statusReason: {},
    stripeCustomerId: "cus_1",
    billingEmail: "bills@example.com",
    company: "Blue",
    alertEmails: ["alerts@example.com"],
    users: [{ email: here.viewer.email }],
    extraDays: 1,
    isSuspended: true,
    reboot: true,
    // An unknown host: an error from it is a valid response too.
    repositoryUrl: "https://git.invalid/blue.git",
    httpsUsername: "git",
    httpsToken: "opensesame",
    newName: `Spelled ${names++}`,
    addUserIds: [here.outsider.id],
    removeUserIds: [],
    teamUserIds: [here.viewer.id],
    sortBy: "name",
    sortDirection: "asc",
    token: "spelled",
  });

  const SIGN_UP = `mutation ($email: String!) { createUser(email: $email, password: "long enough") { user { id } } }`;
  const newcomer = () => `spelled-${names++}@example.com`;
  const soon = () => new Date(Date.now() + 60_000);
  async function pending() {
    const { id } = await build.user({ status: "pending" });
    const [token, confirmTokenExpiresAt] = [newToken(), soon()];
    await db.email.updateMany({
      where: { userId: id },
      data: { verified: false, confirmTokenHash: hashOf(token), confirmTokenExpiresAt },
    });
    return { id, token };
  }

  async function onPlainAirflow({ deployment: { id } }: Scene) {
    await db.deployment.update({ where: { id }, data: { runtimeVersion: null, desiredRuntimeVersion: null } });
    return {};
  }

  /** Values for the fields whose arguments need something else. */
  const special: Record<string, (here: Scene) => Record<string, unknown> | Promise<Record<string, unknown>>> = {
    airflowRelease: () => ({ where: { id: "2.9.3" } }),
    cluster: ({ clusterId }) => ({ id: clusterId }),
    adoptionCandidates: ({ clusterId }) => ({ clusterId }),
    adoptDeployment: ({ clusterId }) => ({ clusterId }),
    deploymentConfig: () => ({ version: "2.9.3" }),
    deploymentServiceAccount: ({ accounts }) => ({ serviceAccountUuid: accounts.deployment.id }),
    updateDeploymentServiceAccount: ({ accounts }) => ({ serviceAccountUuid: accounts.deployment.id }),
    deleteDeploymentServiceAccount: ({ accounts }) => ({ serviceAccountUuid: accounts.deployment.id }),
    deleteSystemServiceAccount: ({ accounts }) => ({ serviceAccountUuid: accounts.system.id }),
    createSystemServiceAccount: () => ({ role: "SYSTEM_EDITOR" }),
    createDeploymentServiceAccount: () => ({ role: "DEPLOYMENT_EDITOR" }),
    async revokePreviousServiceAccountKey({ accounts: { workspace } }) {
      const previousKey = { previousKeyHash: workspace.id, previousKeyStart: "", previousKeyExpiresAt: soon() };
      await db.serviceAccount.update({ where: { id: workspace.id }, data: previousKey });
      return {};
    },
    createScimToken: () => ({ provider: "okta" }),
    async deleteScimToken() {
      const data = {
        provider: "okta",
        tokenHash: hashOf(newToken()),
        tokenStart: "houscim_",
        createdBy: "user:spelled",
      };
      return { id: (await db.scimToken.create({ data })).id };
    },
    email: ({ viewer }) => ({ where: { address: viewer.email } }),
    createDeployment: () => ({ releaseName: `spelled-name-${1000 + names++}` }),
    deploymentAddUserRole: ({ viewer }) => ({ userId: "", email: viewer.email, role: "DEPLOYMENT_VIEWER" }),
    deploymentUpdateUserRole: ({ deploymentViewer: { id, email } }) => ({
      userId: id,
      email,
      role: "DEPLOYMENT_EDITOR",
    }),
    deploymentRemoveUserRole: ({ deploymentViewer: { id, email } }) => ({ userId: id, email }),
    deploymentUsers: ({ deploymentViewer: { email } }) => ({ user: { email } }),
    workspaceAddUser: ({ outsider }) => ({ email: outsider.email, role: "WORKSPACE_VIEWER" }),
    createSystemRoleBinding: ({ outsider }) => ({ userId: outsider.id, role: "SYSTEM_VIEWER" }),
    async deleteSystemRoleBinding() {
      return { userId: (await build.user({ roles: [{ role: "SYSTEM_VIEWER" }] })).id, role: "SYSTEM_VIEWER" };
    },
    createTeamSystemRoleBinding: () => ({ role: "SYSTEM_VIEWER" }),
    async deleteTeamSystemRoleBinding() {
      const { team } = await build.team({ roles: [{ role: "SYSTEM_VIEWER" }] });
      return { teamUuid: team.id, role: "SYSTEM_VIEWER" };
    },
    createUser: () => ({ email: newcomer(), username: `spelled-${names++}` }),
    inviteUser: () => ({ email: newcomer() }),
    async createToken() {
      const identity = newcomer();
      await as(undefined).send(SIGN_UP, { email: identity });
      return { identity };
    },
    async verifyEmail() {
      const { id } = await pending();
      return { email: (await db.email.findFirstOrThrow({ where: { userId: id } })).address };
    },
    async confirmEmail() {
      return { token: (await pending()).token };
    },
    async resetPassword({ viewer: { id } }) {
      const [token, resetTokenExpiresAt] = [newToken(), soon()];
      const reset = { resetTokenHash: hashOf(token), resetTokenExpiresAt };
      await db.localCredential.create({ data: { userId: id, passwordHash: "none", ...reset } });
      return { token };
    },
    async deleteInviteToken({ workspace }) {
      const given = { email: newcomer(), tokenHash: newToken(), workspaceId: workspace.id, expiresAt: soon() };
      return { inviteUuid: (await db.invite.create({ data: { ...given, role: "WORKSPACE_VIEWER" } })).id };
    },
    removeUser: ({ viewer }) => ({ id: viewer.id }),
    updateSelf: () => ({ payload: { fullName: "Spelled" } }),
    updateTeam: ({ team }) => ({ id: team.id, name: team.name, provider: team.provider }),
    removeTeam: ({ team }) => ({ name: team.name, provider: team.provider }),
    workspaceAddTeam: ({ otherTeam }) => ({ teamUuid: otherTeam.id }),
    deploymentAddTeamRole: ({ otherTeam }) => ({ teamUuid: otherTeam.id, role: "DEPLOYMENT_VIEWER" }),
    deploymentUpdateTeamRole: () => ({ role: "DEPLOYMENT_EDITOR" }),
    updateDeploymentKedaConfig: () => ({ state: true }),
    updateDeploymentAirflow: onPlainAirflow,
    updateDeploymentImage: onPlainAirflow,
    upsertDeployment: onPlainAirflow,
    upgradeDeployment: ({ deployment }) => ({ version: deployment.version }),
    updateCluster: async () => ({
      id: (await db.cluster.create({ data: { name: newcomer(), config: {} } })).id,
    }),
    deregisterCluster: async () => ({
      id: (await db.cluster.create({ data: { name: newcomer(), config: {} } })).id,
    }),
    async deleteDeploymentConfig({ deployment: { id: deploymentId } }) {
      await db.deploymentsConfigOverride.create({ data: { deploymentId, config: { maxPodAu: 10 } } });
      return {};
    },
    async deleteWorkspaceDeploymentsConfig({ workspace: { id: workspaceId } }) {
      await db.deploymentsConfigOverride.create({ data: { workspaceId, config: { maxPodAu: 10 } } });
      return {};
    },
    log({ deployment: { releaseName: release } }) {
      const stored = { id: release, release, component: "scheduler", message: "Spelled\n" };
      lines.lines.push({ ...stored, timestamp: new Date(Date.now() + 60_000).toISOString() });
      return {};
    },
    async deleteWorkspace({ workspace }) {
      await db.deployment.deleteMany({ where: { workspaceId: workspace.id } });
      return {};
    },
  };

  /** Values for a call of `field`, by the names of its arguments, about new rows. */
  async function valuesFor(field: string): Promise<Record<string, unknown>> {
    const here = await scene();
    return { ...common(here), ...(await special[field]?.(here)) };
  }

  /** Sends a document. A subscription returns its first message. */
  async function send(someone: { token: string }, document: string, variables: Record<string, unknown>) {
    if (!document.startsWith("subscription")) return as(someone).send(document, variables);
    const socket = await subscribeLegacy(url, someone.token, document, variables);
    const { type, payload } = await socket.next((message) => ["data", "error", "complete"].includes(message.type));
    socket.socket.terminate();
    return type === "data" ? { status: 200, ...payload } : { status: 200, data: null, errors: [payload] };
  }

  const schema = createSchema(nouns);
  const roots = { query: schema.getQueryType(), mutation: schema.getMutationType() };
  /** True for a field that returns a scalar or an enum, and so has no selection. */
  function isLeaf({ kind, name }: { kind: string; name: string }): boolean {
    const field = roots[kind as keyof typeof roots]?.getFields()[name];
    return field !== undefined && isLeafType(getNamedType(field.type));
  }

  return { ...houston, scene, valuesFor, send, isLeaf };
}
