import { resolvers as adoption } from "./adoption/resolvers.ts";
import { resolvers as appConfig } from "./appConfig/resolvers.ts";
import { resolvers as billing } from "./billing/resolvers.ts";
import { resolvers as clusters } from "./clusters/resolvers.ts";
import { resolvers as deploymentMembers } from "./deployments/memberResolvers.ts";
import { resolvers as deploymentOperations } from "./deployments/operatingResolvers.ts";
import { resolvers as deployments } from "./deployments/resolvers.ts";
import { resolvers as invites } from "./invites/resolvers.ts";
import { resolvers as logs } from "./logs/resolvers.ts";
import { resolvers as metrics } from "./metrics/resolvers.ts";
import { resolvers as releases } from "./releases/resolvers.ts";
import { resolvers as roleBindings } from "./roleBindings/resolvers.ts";
import type { Resolvers } from "./schema.ts";
import { resolvers as serviceAccounts } from "./serviceAccounts/resolvers.ts";
import { resolvers as teams } from "./teams/resolvers.ts";
import { resolvers as teamRoles } from "./teams/roleResolvers.ts";
import { resolvers as people } from "./users/peopleResolvers.ts";
import { resolvers as users } from "./users/resolvers.ts";
import { resolvers as workspaceMembers } from "./workspaces/memberResolvers.ts";
import { resolvers as workspaces } from "./workspaces/resolvers.ts";

const nouns: readonly Resolvers[] = [
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
  deploymentOperations,
  adoption,
  releases,
  teams,
  teamRoles,
  billing,
];

/** All nouns' fields together, by type. */
export const resolvers: Resolvers = {};
for (const noun of nouns) {
  for (const [type, fields] of Object.entries(noun)) resolvers[type] = { ...resolvers[type], ...fields };
}
