import { readFileSync } from "node:fs";
import type { GraphQLSchema } from "graphql";
import type { Resolvers } from "../../generated/alphaResolvers.ts";
import type { Entities } from "../../query/entityOf.ts";
import { apiKeyEntity } from "../../services/apiKeys/apiKeyEntity.ts";
import { applicationEntity } from "../../services/clickstream/applicationEntity.ts";
import { connectionEntity } from "../../services/clickstream/connectionEntity.ts";
import { integrationEntity } from "../../services/clickstream/integrationEntity.ts";
import { organizationEntity } from "../../services/organizations/organizationEntity.ts";
import { organizationUserEntity } from "../../services/organizations/organizationUserEntity.ts";
import { createSchema } from "../graphql/createSchema.ts";
import { resolvers as apiKeys } from "./apiKeys.ts";
import { resolvers as clickstream } from "./clickstream.ts";
import { resolvers as organizations } from "./organizations.ts";
import { statusMessage } from "./statusMessage.ts";
import { resolvers as users } from "./users.ts";

const contract = new URL("../../../alpha.graphql", import.meta.url);

const resolvers: Resolvers[] = [users, organizations, clickstream, apiKeys];

const entities: Entities = {
  Organization: organizationEntity,
  OrganizationUser: organizationUserEntity,
  Application: applicationEntity,
  Connection: connectionEntity,
  Integration: integrationEntity,
  ApiKey: apiKeyEntity,
};

/** What the alpha API's schema needs. */
export const alphaNouns = { resolvers, entities };

/** The executable schema of the alpha API: alpha.graphql, guarded as the one at `/v1`, with StatusMessages. */
export const createAlphaSchema = (nouns = alphaNouns, sdl: string = readFileSync(contract, "utf8")): GraphQLSchema =>
  createSchema(nouns, sdl, { aroundMutation: statusMessage });
