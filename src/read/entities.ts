import { clusterEntity } from "../clusters/clusterEntity.ts";
import { deploymentEntity } from "../deployments/deploymentEntity.ts";
import { inviteEntity } from "../invites/inviteEntity.ts";
import { roleBindingEntity } from "../roleBindings/roleBindingEntity.ts";
import { serviceAccountEntity } from "../serviceAccounts/serviceAccountEntity.ts";
import { groupEntity, teamEntity } from "../teams/teamEntity.ts";
import { emailEntity, userEntity } from "../users/userEntity.ts";
import { workspaceEntity } from "../workspaces/workspaceEntity.ts";
import type { Entity, EntityName } from "./entity.ts";

/** All of them, by the name of their GraphQL type. */
export const entities: Record<EntityName, Entity> = {
  User: userEntity,
  Email: emailEntity,
  Workspace: workspaceEntity,
  Deployment: deploymentEntity,
  RoleBinding: roleBindingEntity,
  ServiceAccount: serviceAccountEntity,
  Invite: inviteEntity,
  Team: teamEntity,
  Group: groupEntity,
  Cluster: clusterEntity,
  EnvironmentVariable: {
    table: "EnvironmentVariable",
    visible: [],
    scope: {},
    order: `$row.key`,
    fields: { value: { sql: `CASE WHEN $row."isSecret" THEN '' ELSE $row.value END` } },
  },
};
