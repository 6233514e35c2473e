import type { Documents } from "./client.ts";

const user = "user { uuid: id username emails { address verified primary } }";
const roleBindings = `roleBindings { role ${user} serviceAccount { id label } workspace { id label } deployment { id } }`;
const workspace = `id uuid label description createdAt updatedAt ${roleBindings}`;
const deployment = `id type label releaseName workspace { id label } deploymentInfo: urls { type url } createdAt updatedAt`;
const newer = `${deployment} airflowVersion desiredAirflowVersion dagDeployment { nfsLocation repositoryUrl type }`;
const runtime = `${newer} runtimeVersion desiredRuntimeVersion runtimeAirflowVersion`;
const account = "id uuid apiKey label category entityType entityUuid active createdAt updatedAt lastUsedAt";

/** Documents that clients send in the course of ordinary work, by platform version. */
export const documents: Documents = {
  appConfig: [
    {
      since: "0.25.0",
      query: `query AppConfig { appConfig { version baseDomain smtpConfigured manualReleaseNames configureDagDeployment
        nfsMountDagDeployment manualNamespaceNames hardDeleteDeployment } }`,
    },
    {
      since: "0.28.0",
      query: `query AppConfig { appConfig { version baseDomain byoUpdateRegistryHost smtpConfigured manualReleaseNames
        configureDagDeployment nfsMountDagDeployment manualNamespaceNames hardDeleteDeployment triggererEnabled
        featureFlags } }`,
    },
    {
      since: "1.0.0",
      query: `query AppConfig($clusterId: Uuid, $workspaceUuid: Uuid, $deploymentUuid: Uuid) {
        appConfig(clusterId: $clusterId, workspaceUuid: $workspaceUuid, deploymentUuid: $deploymentUuid) {
          version baseDomain byoUpdateRegistryHost smtpConfigured manualReleaseNames configureDagDeployment
          nfsMountDagDeployment manualNamespaceNames hardDeleteDeployment triggererEnabled featureFlags } }`,
    },
  ],
  authConfig: [
    {
      since: "0.2.0",
      query: `query GetAuthConfig($redirect: String) { authConfig(redirect: $redirect) { localEnabled publicSignup
        initialSignup externalSignupUrl providers { name displayName url } } }`,
    },
  ],
  createUser: [
    {
      since: "0.2.0",
      query: `mutation CreateUser($email: String!, $password: String!, $username: String, $inviteToken: String) {
        createUser(email: $email, password: $password, username: $username, inviteToken: $inviteToken) {
          user { uuid username status createdAt updatedAt } token { value } } }`,
    },
  ],
  createToken: [
    {
      since: "0.2.0",
      query: `mutation CreateToken($identity: String, $password: String!) {
        createToken(identity: $identity, password: $password) {
          user { uuid username status createdAt updatedAt } token { value } } }`,
    },
  ],
  self: [{ since: "0.2.0", query: `query GetSelf { self { user { id username } isAdmin permissions } }` }],
  createWorkspace: [
    {
      since: "0.2.0",
      query: `mutation CreateWorkspace($label: String!, $description: String = "N/A") {
        createWorkspace(label: $label, description: $description) { ${workspace} } }`,
    },
  ],
  updateWorkspace: [
    {
      since: "0.2.0",
      query: `mutation UpdateWorkspace($workspaceUuid: Uuid!, $payload: JSON!) {
        updateWorkspace(workspaceUuid: $workspaceUuid, payload: $payload) { ${workspace} } }`,
    },
  ],
  deleteWorkspace: [
    {
      since: "0.2.0",
      query: `mutation DeleteWorkspace($workspaceUuid: Uuid!) { deleteWorkspace(workspaceUuid: $workspaceUuid) {
        uuid: id label } }`,
    },
  ],
  workspaces: [{ since: "0.2.0", query: `query GetWorkspaces { workspaces { ${workspace} } }` }],
  workspace: [
    {
      since: "0.25.0",
      query: `query GetWorkspace($workspaceUuid: Uuid!) { workspace(workspaceUuid: $workspaceUuid) { ${workspace} } }`,
    },
  ],
  workspaceAddUser: [
    {
      since: "0.2.0",
      query: `mutation AddWorkspaceUser($workspaceUuid: Uuid!, $email: String!, $role: Role!) {
        workspaceAddUser(workspaceUuid: $workspaceUuid, email: $email, role: $role) { ${workspace} } }`,
    },
    {
      since: "0.28.0",
      query: `mutation AddWorkspaceUser($workspaceUuid: Uuid!, $email: String!, $role: Role!,
        $deploymentRoles: [DeploymentRoles!] = []) {
        workspaceAddUser(workspaceUuid: $workspaceUuid, email: $email, role: $role, deploymentRoles: $deploymentRoles) {
          ${workspace} } }`,
    },
  ],
  workspaceUserRole: [
    {
      since: "0.9.0",
      query: `mutation WorkspaceUpdateUserRole($workspaceUuid: Uuid!, $email: String!, $role: Role!) {
        workspaceUpdateUserRole(workspaceUuid: $workspaceUuid, email: $email, role: $role) }`,
    },
    {
      since: "0.30.0",
      query: `mutation WorkspaceUpsertUserRole($workspaceUuid: Uuid!, $email: String!, $role: Role!) {
        workspaceUpsertUserRole(workspaceUuid: $workspaceUuid, email: $email, role: $role) }`,
    },
  ],
  workspaceUser: [
    {
      since: "0.25.0",
      query: `query GetWorkspaceUser($workspaceUuid: Uuid!, $email: String!) {
        workspaceUser(workspaceUuid: $workspaceUuid, user: { email: $email }) { id username roleBindings {
          workspace { id } deployment { id } role } } }`,
    },
  ],
  workspaceUsers: [
    {
      since: "0.25.0",
      query: `query WorkspaceUsers($workspaceUuid: Uuid!) { workspaceUsers(workspaceUuid: $workspaceUuid) { id username
        fullName emails { address } roleBindings { workspace { id } role } } }`,
    },
  ],
  workspaceRemoveUser: [
    {
      since: "0.2.0",
      query: `mutation RemoveWorkspaceUser($workspaceUuid: Uuid!, $userUuid: Uuid!) {
        workspaceRemoveUser(workspaceUuid: $workspaceUuid, userUuid: $userUuid) { ${workspace} } }`,
    },
  ],
  deploymentAddUserRole: [
    {
      since: "0.16.0",
      query: `mutation AddDeploymentUser($userId: Id, $email: String!, $deploymentId: Id!, $role: Role!) {
        deploymentAddUserRole(userId: $userId, email: $email, deploymentId: $deploymentId, role: $role) {
          id user { username } role deployment { id releaseName } } }`,
    },
  ],
  deploymentUpdateUserRole: [
    {
      since: "0.22.0",
      query: `mutation UpdateDeploymentUser($userId: Id, $email: String!, $deploymentId: Id!, $role: Role!) {
        deploymentUpdateUserRole(userId: $userId, email: $email, deploymentId: $deploymentId, role: $role) {
          id user { username } role deployment { id releaseName } } }`,
    },
  ],
  deploymentRemoveUserRole: [
    {
      since: "0.22.0",
      query: `mutation DeleteDeploymentUser($userId: Id, $email: String!, $deploymentId: Id!) {
        deploymentRemoveUserRole(userId: $userId, email: $email, deploymentId: $deploymentId) {
          id role user { username } deployment { id releaseName } } }`,
    },
  ],
  deploymentUsers: [
    {
      since: "0.22.0",
      query: `query GetDeploymentUsers($deploymentId: Id!, $user: UserSearch) {
        deploymentUsers(deploymentId: $deploymentId, user: $user) { id fullName username roleBindings {
          role deployment { id } } } }`,
    },
  ],
  createDeployment: [
    {
      since: "0.25.0",
      query: `mutation CreateDeployment($label: String!, $type: String = "airflow", $releaseName: String,
        $workspaceUuid: Uuid!, $executor: ExecutorType!, $airflowVersion: String, $namespace: String, $config: JSON,
        $cloudRole: String, $dagDeployment: DagDeployment) {
        createDeployment(label: $label, type: $type, workspaceUuid: $workspaceUuid, releaseName: $releaseName,
          executor: $executor, airflowVersion: $airflowVersion, namespace: $namespace, config: $config,
          cloudRole: $cloudRole, dagDeployment: $dagDeployment) { ${newer} } }`,
    },
    {
      since: "0.29.0",
      query: `mutation CreateDeployment($label: String!, $type: String = "airflow", $releaseName: String,
        $workspaceUuid: Uuid!, $executor: ExecutorType!, $airflowVersion: String, $runtimeVersion: String,
        $namespace: String, $config: JSON, $cloudRole: String, $dagDeployment: DagDeployment, $triggererReplicas: Int) {
        createDeployment(label: $label, type: $type, workspaceUuid: $workspaceUuid, releaseName: $releaseName,
          executor: $executor, airflowVersion: $airflowVersion, runtimeVersion: $runtimeVersion, namespace: $namespace,
          config: $config, cloudRole: $cloudRole, dagDeployment: $dagDeployment,
          triggerer: { replicas: $triggererReplicas }) { ${runtime} } }`,
    },
    {
      since: "1.0.0",
      query: `mutation UpsertDeployment($workspaceUuid: Uuid, $clusterId: Uuid, $label: String, $releaseName: String,
        $namespace: String, $runtimeVersion: String, $executor: ExecutorType, $triggererReplicas: Int,
        $dagDeployment: DagDeployment, $cloudRole: String, $mode: AllowedDeploymentModeValues) {
        upsertDeployment(workspaceUuid: $workspaceUuid, clusterId: $clusterId, label: $label, releaseName: $releaseName,
          namespace: $namespace, runtimeVersion: $runtimeVersion, executor: $executor, cloudRole: $cloudRole,
          dagDeployment: $dagDeployment, mode: $mode, triggerer: { replicas: $triggererReplicas }) { ${runtime} } }`,
    },
  ],
  updateDeployment: [
    {
      since: "0.25.0",
      query: `mutation UpdateDeployment($deploymentUuid: Uuid!, $payload: JSON!, $executor: ExecutorType,
        $cloudRole: String, $dagDeployment: DagDeployment) {
        updateDeployment(deploymentUuid: $deploymentUuid, payload: $payload, executor: $executor, cloudRole: $cloudRole,
          dagDeployment: $dagDeployment) { ${newer} } }`,
    },
    {
      since: "0.29.0",
      query: `mutation UpdateDeployment($deploymentUuid: Uuid!, $payload: JSON!, $executor: ExecutorType,
        $cloudRole: String, $dagDeployment: DagDeployment, $triggererReplicas: Int) {
        updateDeployment(deploymentUuid: $deploymentUuid, payload: $payload, executor: $executor, cloudRole: $cloudRole,
          dagDeployment: $dagDeployment, triggerer: { replicas: $triggererReplicas }) { ${runtime} } }`,
    },
    {
      since: "1.0.0",
      query: `mutation UpsertDeployment($deploymentUuid: Uuid!, $label: String, $description: String,
        $executor: ExecutorType, $cloudRole: String, $dagDeployment: DagDeployment, $triggerer: Triggerer) {
        upsertDeployment(deploymentUuid: $deploymentUuid, label: $label, description: $description, executor: $executor,
          cloudRole: $cloudRole, dagDeployment: $dagDeployment, triggerer: $triggerer) { ${runtime} description } }`,
    },
  ],
  updateImage: [
    {
      since: "2.1.0",
      query: `mutation UpsertDeployment($releaseName: String!, $image: String!, $runtimeVersion: String!) {
        upsertDeployment(releaseName: $releaseName, image: $image, runtimeVersion: $runtimeVersion) { ${runtime}
          description executor } }`,
    },
  ],
  workspaceDeployments: [
    {
      since: "0.10.0",
      query: `query WorkspaceDeployments($workspaceUuid: Uuid!, $releaseName: String) {
        workspaceDeployments(workspaceUuid: $workspaceUuid, releaseName: $releaseName) { ${newer} } }`,
    },
    {
      since: "0.29.0",
      query: `query WorkspaceDeployments($workspaceUuid: Uuid!, $releaseName: String) {
        workspaceDeployments(workspaceUuid: $workspaceUuid, releaseName: $releaseName) { ${runtime} } }`,
    },
  ],
  paginatedDeployments: [
    {
      since: "0.32.0",
      query: `query PaginatedDeployments($take: Int) { paginatedDeployments(take: $take) { ${runtime} } }`,
    },
  ],
  deployment: [
    {
      since: "0.22.0",
      query: `query GetDeployment($id: String!) { deployment(where: { id: $id }) { id airflowVersion
        desiredAirflowVersion urls { type url } ${roleBindings} } }`,
    },
    {
      since: "0.29.0",
      query: `query GetDeployment($id: String!) { deployment(where: { id: $id }) { id airflowVersion runtimeVersion
        desiredAirflowVersion desiredRuntimeVersion urls { type url } ${roleBindings} } }`,
    },
  ],
  deploymentVariables: [
    {
      since: "0.25.0",
      query: `query Variables($deploymentUuid: Uuid!, $releaseName: String!) {
        deploymentVariables(deploymentUuid: $deploymentUuid, releaseName: $releaseName) { key value isSecret } }`,
    },
  ],
  updateDeploymentVariables: [
    {
      since: "0.16.0",
      query: `mutation UpdateVariables($deploymentUuid: Uuid!, $releaseName: String!,
        $environmentVariables: [InputEnvironmentVariable!]!) {
        updateDeploymentVariables(deploymentUuid: $deploymentUuid, releaseName: $releaseName,
          environmentVariables: $environmentVariables) { key value isSecret } }`,
    },
  ],
  deleteDeployment: [
    {
      since: "0.2.0",
      query: `mutation DeleteDeployment($deploymentUuid: Uuid!) { deleteDeployment(deploymentUuid: $deploymentUuid) {
        uuid: id type label releaseName workspace { id } createdAt updatedAt } }`,
    },
    {
      since: "0.28.0",
      query: `mutation DeleteDeployment($deploymentUuid: Uuid!, $deploymentHardDelete: Boolean) {
        deleteDeployment(deploymentUuid: $deploymentUuid, deploymentHardDelete: $deploymentHardDelete) {
          id type label releaseName workspace { id } createdAt updatedAt } }`,
    },
  ],
  createWorkspaceServiceAccount: [
    {
      since: "0.10.0",
      query: `mutation CreateWorkspaceServiceAccount($workspaceUuid: Uuid!, $label: String!, $category: String,
        $role: Role!) { createWorkspaceServiceAccount(label: $label, category: $category, workspaceUuid: $workspaceUuid,
          role: $role) { ${account} workspaceUuid } }`,
    },
  ],
  createDeploymentServiceAccount: [
    {
      since: "0.10.0",
      query: `mutation CreateDeploymentServiceAccount($deploymentUuid: Uuid!, $label: String!, $category: String,
        $role: Role!) { createDeploymentServiceAccount(label: $label, category: $category,
          deploymentUuid: $deploymentUuid, role: $role) { ${account} deploymentUuid } }`,
    },
  ],
  workspaceServiceAccounts: [
    {
      since: "0.25.0",
      query: `query GetWorkspaceServiceAccounts($workspaceUuid: Uuid!) {
        workspaceServiceAccounts(workspaceUuid: $workspaceUuid) { ${account} roleBindings { role } } }`,
    },
  ],
  deploymentServiceAccounts: [
    {
      since: "0.25.0",
      query: `query GetDeploymentServiceAccounts($deploymentUuid: Uuid!) {
        deploymentServiceAccounts(deploymentUuid: $deploymentUuid) { ${account} } }`,
    },
  ],
  deleteWorkspaceServiceAccount: [
    {
      since: "0.10.0",
      query: `mutation DeleteWorkspaceServiceAccount($serviceAccountUuid: Uuid!, $workspaceUuid: Uuid!) {
        deleteWorkspaceServiceAccount(serviceAccountUuid: $serviceAccountUuid, workspaceUuid: $workspaceUuid) {
          ${account} } }`,
    },
  ],
  deleteDeploymentServiceAccount: [
    {
      since: "0.10.0",
      query: `mutation DeleteDeploymentServiceAccount($serviceAccountUuid: Uuid!, $deploymentUuid: Uuid!) {
        deleteDeploymentServiceAccount(serviceAccountUuid: $serviceAccountUuid, deploymentUuid: $deploymentUuid) {
          ${account} } }`,
    },
  ],
};
