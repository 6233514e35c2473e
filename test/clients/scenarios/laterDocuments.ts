import type { Documents } from "./client.ts";
import { documents } from "./documents.ts";

const deployment = `id type label releaseName workspace { id } airflowVersion desiredAirflowVersion runtimeVersion
  desiredRuntimeVersion runtimeAirflowVersion updatedAt`;
const binding = "id role deployment { id }";

/** All documents: also those about teams, pages, versions and logs. */
export const allDocuments: Documents = {
  ...documents,
  paginatedWorkspaces: [
    {
      since: "0.30.0",
      query: `query PaginatedWorkspaces($take: Int, $pageNumber: Int) { paginatedWorkspaces(take: $take,
        pageNumber: $pageNumber) { id label description roleBindings { role user { id username } } } }`,
    },
  ],
  paginatedWorkspaceUsers: [
    {
      since: "0.30.0",
      query: `query WorkspaceUsers($workspaceUuid: Uuid!, $cursor: Uuid, $take: Int) {
        paginatedWorkspaceUsers(workspaceUuid: $workspaceUuid, cursor: $cursor, take: $take) { id username fullName
          emails { address } roleBindings { workspace { id } role } } }`,
    },
  ],
  createTeam: [
    {
      since: "0.35.0",
      query: `mutation CreateTeam($name: String!, $description: String, $provider: String, $userIds: [ID]) {
        createTeam(name: $name, description: $description, provider: $provider, userIds: $userIds) {
          team { id name } message } }`,
    },
  ],
  updateTeam: [
    {
      since: "0.35.0",
      query: `mutation UpdateTeam($id: ID, $newName: String, $description: String, $addUserIds: [ID],
        $removeUserIds: [ID]) { updateTeam(id: $id, newName: $newName, description: $description,
          addUserIds: $addUserIds, removeUserIds: $removeUserIds) { team { id name } message } }`,
    },
  ],
  paginatedTeams: [
    {
      since: "0.28.0",
      query: `query PaginatedTeams($take: Int, $cursor: Uuid, $workspaceUuid: Uuid) {
        paginatedTeams(take: $take, cursor: $cursor, workspaceUuid: $workspaceUuid) { count teams { id name sortId
          roleBindings { role workspace { id label } deployment { id label } } createdAt updatedAt } } }`,
    },
  ],
  team: [
    {
      since: "0.28.0",
      query: `query GetTeam($teamUuid: Uuid!, $workspaceUuid: Uuid) { team(teamUuid: $teamUuid,
        workspaceUuid: $workspaceUuid) { id name createdAt roleBindings { role workspace { id label }
          deployment { id label } } } }`,
    },
  ],
  teamUsers: [
    {
      since: "0.28.0",
      query: "query GetTeamUsers($teamUuid: Uuid!) { teamUsers(teamUuid: $teamUuid) { id username status } }",
    },
  ],
  workspaceTeams: [
    {
      since: "0.28.0",
      query: `query WorkspaceTeams($workspaceUuid: Uuid!) { workspaceTeams(workspaceUuid: $workspaceUuid) { id name
        roleBindings { role workspace { id label } deployment { id label } } } }`,
    },
  ],
  workspaceAddTeam: [
    {
      since: "0.28.0",
      query: `mutation WorkspaceAddTeam($workspaceUuid: Uuid!, $teamUuid: Uuid!, $role: Role! = WORKSPACE_VIEWER,
        $deploymentRoles: [DeploymentRoles!] = []) { workspaceAddTeam(workspaceUuid: $workspaceUuid,
          teamUuid: $teamUuid, role: $role, deploymentRoles: $deploymentRoles) { id label description } }`,
    },
  ],
  workspaceUpdateTeamRole: [
    {
      since: "0.28.0",
      query: `mutation WorkspaceUpdateTeamRole($workspaceUuid: Uuid!, $teamUuid: Uuid!, $role: Role!) {
        workspaceUpdateTeamRole(workspaceUuid: $workspaceUuid, teamUuid: $teamUuid, role: $role) }`,
    },
  ],
  workspaceRemoveTeam: [
    {
      since: "0.28.0",
      query: `mutation WorkspaceRemoveTeam($workspaceUuid: Uuid!, $teamUuid: Uuid!) {
        workspaceRemoveTeam(workspaceUuid: $workspaceUuid, teamUuid: $teamUuid) { id label } }`,
    },
  ],
  deploymentTeams: [
    {
      since: "0.29.0",
      query: `query DeploymentTeams($deploymentUuid: Uuid!) { deploymentTeams(deploymentUuid: $deploymentUuid) { id name
        roleBindings { role deployment { id } } } }`,
    },
  ],
  deploymentAddTeamRole: [
    {
      since: "0.29.0",
      query: `mutation AddTeam($teamUuid: Uuid!, $deploymentUuid: Uuid!, $role: Role!) { deploymentAddTeamRole(
        teamUuid: $teamUuid, deploymentUuid: $deploymentUuid, role: $role) { ${binding} } }`,
    },
  ],
  deploymentUpdateTeamRole: [
    {
      since: "0.29.0",
      query: `mutation UpdateTeam($teamUuid: Uuid!, $deploymentUuid: Uuid!, $role: Role!) { deploymentUpdateTeamRole(
        teamUuid: $teamUuid, deploymentUuid: $deploymentUuid, role: $role) { ${binding} } }`,
    },
  ],
  deploymentRemoveTeamRole: [
    {
      since: "0.29.0",
      query: `mutation RemoveTeam($teamUuid: Uuid!, $deploymentUuid: Uuid!) { deploymentRemoveTeamRole(
        teamUuid: $teamUuid, deploymentUuid: $deploymentUuid) { ${binding} } }`,
    },
  ],
  createTeamSystemRoleBinding: [
    {
      since: "0.29.2",
      query: `mutation AddSystemRole($teamUuid: Uuid!, $role: Role!) { createTeamSystemRoleBinding(teamUuid: $teamUuid,
        role: $role) { role } }`,
    },
  ],
  deleteTeamSystemRoleBinding: [
    {
      since: "0.29.2",
      query: `mutation RemoveSystemRole($teamUuid: Uuid!, $role: Role!) { deleteTeamSystemRoleBinding(
        teamUuid: $teamUuid, role: $role) { role } }`,
    },
  ],
  removeTeam: [
    {
      since: "0.35.0",
      query: "mutation RemoveTeam($teamUuid: Uuid) { removeTeam(teamUuid: $teamUuid) { id name } }",
    },
  ],
  deploymentConfig: [
    {
      since: "0.11.0",
      query: `query DeploymentInfo { deploymentConfig { defaultAirflowImageTag defaultAirflowChartVersion
        airflowImages { version tag } airflowVersions } }`,
    },
  ],
  runtimeReleases: [
    {
      since: "0.29.0",
      query: `query RuntimeReleases($airflowVersion: String) { runtimeReleases(airflowVersion: $airflowVersion) {
        version airflowVersion airflowDatabaseMigrations } }`,
    },
    {
      since: "1.0.0",
      query: `query RuntimeReleases($clusterId: Uuid, $airflowVersion: String) { runtimeReleases(clusterId: $clusterId,
        airflowVersion: $airflowVersion) { version airflowVersion airflowDatabaseMigrations } }`,
    },
  ],
  updateVersion: [
    {
      since: "0.22.0",
      query: `mutation UpdateDeploymentAirflow($deploymentUuid: Uuid!, $desiredAirflowVersion: String!) {
        updateDeploymentAirflow(deploymentUuid: $deploymentUuid, desiredAirflowVersion: $desiredAirflowVersion) {
          ${deployment} } }`,
    },
    {
      since: "0.29.0",
      query: `mutation UpdateDeploymentRuntime($deploymentUuid: Uuid!, $desiredRuntimeVersion: String!) {
        updateDeploymentRuntime(deploymentUuid: $deploymentUuid, desiredRuntimeVersion: $desiredRuntimeVersion) {
          ${deployment} } }`,
    },
  ],
  cancelRuntimeUpdate: [
    {
      since: "0.29.0",
      query: `mutation CancelUpdateDeploymentRuntime($deploymentUuid: Uuid!) {
        cancelRuntimeUpdate(deploymentUuid: $deploymentUuid) { ${deployment} } }`,
    },
  ],
  updateDeploymentImage: [
    {
      since: "0.29.0",
      query: `mutation UpdateDeploymentImage($releaseName: String!, $image: String!, $airflowVersion: String,
        $runtimeVersion: String) { updateDeploymentImage(releaseName: $releaseName, image: $image,
          airflowVersion: $airflowVersion, runtimeVersion: $runtimeVersion) { ${deployment} } }`,
    },
    {
      since: "2.1.0",
      query: `mutation UpsertDeployment($releaseName: String!, $image: String!, $runtimeVersion: String!) {
        upsertDeployment(releaseName: $releaseName, image: $image, runtimeVersion: $runtimeVersion) { ${deployment} } }`,
    },
  ],
  adoptDeployment: [
    {
      since: "2.1.0",
      query: `mutation AdoptDeployment($workspaceUuid: Uuid!, $clusterId: Uuid!, $crNamespace: String!, $crName: String!,
        $label: String, $description: String, $useApcLogging: Boolean, $useApcRegistry: Boolean,
        $acceptIncompatibilities: Boolean) { adoptDeployment(workspaceUuid: $workspaceUuid, clusterId: $clusterId,
          crNamespace: $crNamespace, crName: $crName, label: $label, description: $description,
          useApcLogging: $useApcLogging, useApcRegistry: $useApcRegistry,
          acceptIncompatibilities: $acceptIncompatibilities) { __typename } }`,
    },
  ],
  unadoptDeployment: [
    {
      since: "2.1.0",
      query: `mutation UnadoptDeployment($deploymentUuid: Uuid!) { unadoptDeployment(deploymentUuid: $deploymentUuid) {
        id label releaseName } }`,
    },
  ],
  logs: [
    {
      since: "0.9.0",
      query: `query GetLogs($deploymentUuid: Uuid!, $component: String, $timestamp: DateTime, $search: String) {
        logs(deploymentUuid: $deploymentUuid, component: $component, timestamp: $timestamp, search: $search) {
          id: uuid createdAt: timestamp log: message } }`,
    },
  ],
  log: [
    {
      since: "0.9.0",
      query: `subscription FollowLog($deploymentUuid: Uuid!, $component: String, $timestamp: DateTime, $search: String) {
        log(deploymentUuid: $deploymentUuid, component: $component, timestamp: $timestamp, search: $search) {
          id createdAt: timestamp log: message } }`,
    },
  ],
  deploymentStatus: [
    {
      since: "0.28.0",
      query: `subscription FollowStatus($releaseName: String) { deploymentStatus(releaseName: $releaseName) { status } }`,
    },
  ],
  availableNamespaces: [
    { since: "0.25.0", query: "query AvailableNamespaces { availableNamespaces { name } }" },
    {
      since: "1.0.0",
      query: "query AvailableNamespaces($clusterId: Uuid!) { availableNamespaces(clusterId: $clusterId) { name } }",
    },
  ],
  paginatedClusters: [
    {
      since: "1.0.0",
      query: "query PaginatedClusters { paginatedClusters { count clusters { id name } } }",
    },
  ],
};
