import type { Resolvers } from "../generated/resolvers.ts";
import type { Entities } from "../query/entityOf.ts";
import { resolvers as adoption } from "./adoption/resolvers.ts";
import { resolvers as appConfig } from "./appConfig/resolvers.ts";
import { auditEntryEntity } from "./audit/auditEntryEntity.ts";
import { resolvers as audit } from "./audit/resolvers.ts";
import { resolvers as billing } from "./billing/resolvers.ts";
import { clusterEntity } from "./clusters/clusterEntity.ts";
import { resolvers as clusters } from "./clusters/resolvers.ts";
import { resolvers as deploymentConfiguration } from "./deployments/configuration/resolvers.ts";
import { resolvers as dags } from "./deployments/dags/resolvers.ts";
import { deploymentEntity } from "./deployments/deploymentEntity.ts";
import { resolvers as deploymentLifecycle } from "./deployments/lifecycle/resolvers.ts";
import { resolvers as deploymentMembers } from "./deployments/members/resolvers.ts";
import { resolvers as deployments } from "./deployments/resolvers.ts";
import { deployRevisionEntity } from "./deployments/revisions/deployRevisionEntity.ts";
import { resolvers as deployRevisions } from "./deployments/revisions/resolvers.ts";
import { resolvers as sizing } from "./deployments/sizing/resolvers.ts";
import { resolvers as deploymentVersions } from "./deployments/versions/resolvers.ts";
import { inviteEntity } from "./invites/inviteEntity.ts";
import { resolvers as invites } from "./invites/resolvers.ts";
import { resolvers as jobs } from "./jobs/resolvers.ts";
import { resolvers as logs } from "./logs/resolvers.ts";
import { resolvers as metrics } from "./metrics/resolvers.ts";
import { provisionEntity } from "./provisioning/provisionEntity.ts";
import { resolvers as provisioning } from "./provisioning/resolvers.ts";
import { resolvers as releases } from "./releases/resolvers.ts";
import { resolvers as roleBindings } from "./roleBindings/resolvers.ts";
import { roleBindingEntity } from "./roleBindings/roleBindingEntity.ts";
import { resolvers as scim } from "./scim/resolvers.ts";
import { scimTokenEntity } from "./scim/scimTokenEntity.ts";
import { resolvers as serviceAccounts } from "./serviceAccounts/resolvers.ts";
import { serviceAccountEntity } from "./serviceAccounts/serviceAccountEntity.ts";
import { serviceAccountKeyEntity } from "./serviceAccounts/serviceAccountKeyEntity.ts";
import { resolvers as teams } from "./teams/resolvers.ts";
import { resolvers as teamRoles } from "./teams/roleResolvers.ts";
import { groupEntity, teamEntity } from "./teams/teamEntity.ts";
import { resolvers as people } from "./users/peopleResolvers.ts";
import { resolvers as users } from "./users/resolvers.ts";
import { emailEntity, userEntity } from "./users/userEntity.ts";
import { resolvers as workspaceMembers } from "./workspaces/memberResolvers.ts";
import { resolvers as workspaces } from "./workspaces/resolvers.ts";
import { workspaceEntity } from "./workspaces/workspaceEntity.ts";

/** All nouns' fields, by type. */
const resolvers: Resolvers[] = [
  workspaces,
  deployments,
  serviceAccounts,
  users,
  appConfig,
  people,
  invites,
  logs,
  metrics,
  roleBindings,
  workspaceMembers,
  deploymentMembers,
  clusters,
  deploymentConfiguration,
  deploymentLifecycle,
  deploymentVersions,
  dags,
  sizing,
  adoption,
  releases,
  teams,
  teamRoles,
  billing,
  deployRevisions,
  jobs,
  audit,
  scim,
  provisioning,
];

const entities: Entities = {
  User: userEntity,
  Email: emailEntity,
  Workspace: workspaceEntity,
  Deployment: deploymentEntity,
  DeployRevision: deployRevisionEntity,
  RoleBinding: roleBindingEntity,
  ServiceAccount: serviceAccountEntity,
  ServiceAccountKey: serviceAccountKeyEntity,
  Invite: inviteEntity,
  ScimToken: scimTokenEntity,
  Team: teamEntity,
  Group: groupEntity,
  Cluster: clusterEntity,
  Provision: provisionEntity,
  AuditEntry: auditEntryEntity,
  EnvironmentVariable: {
    table: "EnvironmentVariable",
    visible: [],
    scope: {},
    order: `$row.key`,
    fields: { value: { sql: `CASE WHEN $row."isSecret" THEN '' ELSE $row.value END` } },
  },
};

/** What the schema needs from the service layer. */
export const nouns = { resolvers, entities };
