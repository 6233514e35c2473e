import type { ApolloServer } from "@apollo/server";
import type { GraphQLSchema } from "graphql";
import type { Services } from "../../access/context.ts";
import { addGraphqlRoutes } from "../graphql/addGraphqlRoutes.ts";
import type { ObservedContext } from "../graphql/observe.ts";
import type { Server } from "../http/createServer.ts";
import type { Playground } from "../playground/addPlayground.ts";
import { addRouterConfig } from "./addRouterConfig.ts";
import { greeting } from "./greeting.ts";
import { repairDocument } from "./repairDocument.ts";

/** Parts of the alpha API. */
export interface AlphaParts {
  /** Started, with the schema. */
  apollo: ApolloServer<ObservedContext>;
  schema: GraphQLSchema;
  playground: Playground | undefined;
}

/**
 * Serves the alpha API at `webserver.alphaEndpoint`, with GraphQL Playground for browsers, and below it the
 * configuration for event routers.
 */
export function addAlpha(server: Server, services: Services, { apollo, schema, playground }: AlphaParts): void {
  const { alphaEndpoint: path, subscriptions } = services.config.webserver;
  addGraphqlRoutes(server, services, {
    path,
    via: "alpha",
    apollo,
    schema,
    page: playground?.({
      endpoint: path,
      subscriptions,
      tabs: "graphql-playground-alpha",
      greeting,
      headers: { authorization: "", organization: "" },
    }),
    contextFrom: ({ headers }) => ({ organization: String(headers.organization ?? "").trim() }),
    repair: (document) => repairDocument(document, schema),
  });
  addRouterConfig(server, services);
}
