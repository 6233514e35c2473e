import type { Context } from "../../access/context.ts";
import { organizationOf } from "../../access/organizationHeader.ts";
import type { Resolvers } from "../../generated/alphaResolvers.ts";
import { applications } from "../../services/clickstream/applications.ts";
import type { Changed } from "../../services/clickstream/clickstreamInput.ts";
import { clickstreamPrototypes } from "../../services/clickstream/clickstreamPrototypes.ts";
import { connections } from "../../services/clickstream/connections.ts";
import { createApplication } from "../../services/clickstream/createApplication.ts";
import { createConnection } from "../../services/clickstream/createConnection.ts";
import { createIntegration } from "../../services/clickstream/createIntegration.ts";
import { integrations } from "../../services/clickstream/integrations.ts";
import { updateApplication } from "../../services/clickstream/updateApplication.ts";
import { updateConnection } from "../../services/clickstream/updateConnection.ts";
import { updateIntegration } from "../../services/clickstream/updateIntegration.ts";

/** Runs a use case in the Organization that the header names. */
const inOrganization =
  (useCase: (ctx: Context, input: unknown) => Promise<Changed>) => (_source: unknown, args: object, ctx: Context) =>
    useCase(ctx, { ...args, organizationId: organizationOf(ctx) });

/** Applications, Connections and Integrations. */
export const resolvers: Resolvers = {
  Query: {
    clickstreamPrototypes: () => clickstreamPrototypes(),
    applications,
    connections,
    integrations,
  },
  Mutation: {
    createApplication: inOrganization(createApplication),
    updateApplication: inOrganization(updateApplication),
    createConnection: inOrganization(createConnection),
    updateConnection: inOrganization(updateConnection),
    createIntegration: inOrganization(createIntegration),
    updateIntegration: inOrganization(updateIntegration),
  },
  ClickstreamPrototype: { connectionPrototye: ({ connectionPrototype }) => connectionPrototype },
};
