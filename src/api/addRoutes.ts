import type { ApolloServer } from "@apollo/server";
import type { GraphQLSchema } from "graphql";
import type { Services } from "../access/context.ts";
import type { QueryRunner } from "../platform/database/queryRunner.ts";
import { createSignOn } from "../services/signOn/createSignOn.ts";
import { addAlpha } from "./alpha/addAlpha.ts";
import { addEdge } from "./edge/addEdge.ts";
import { addGraphqlRoutes } from "./graphql/addGraphqlRoutes.ts";
import type { CountField, ObservedContext } from "./graphql/observe.ts";
import { addHealthRoutes } from "./health/addHealthRoutes.ts";
import type { Readiness } from "./health/readiness.ts";
import { addAuditExport } from "./http/addAuditExport.ts";
import { addHomeRoute } from "./http/addHomeRoute.ts";
import { addLogoutRoute } from "./http/addLogoutRoute.ts";
import type { Server } from "./http/createServer.ts";
import { joinPath } from "./http/joinPath.ts";
import type { Overload } from "./http/overload.ts";
import type { Page } from "./http/sendPage.ts";
import { addPages } from "./pages/addPages.ts";
import { addPlayground } from "./playground/addPlayground.ts";
import { greeting } from "./playground/page.ts";
import { addRestRoutes } from "./rest/addRestRoutes.ts";
import { addScim } from "./scim/addScim.ts";
import { addSignOn } from "./signOn/addSignOn.ts";
import { addWebsocket, type SocketCounts } from "./websocket/addWebsocket.ts";
import { createExecutor } from "./websocket/executor.ts";

/** A GraphQL API: its schema, and the Apollo server that runs it, started. */
interface Served {
  apollo: ApolloServer<ObservedContext>;
  schema: GraphQLSchema;
}

/** What the routes need besides the services. */
export interface RouteParts {
  graphql: Served;
  alpha: Served;
  readiness: Readiness;
  overload: Overload;
  /** The page at `/`. */
  home: Page;
  count: CountField;
  /** Run single statements; the pool does without them. */
  runners?: { reads: QueryRunner; writes: QueryRunner };
}

/** Adds everything that the port of the API serves. Returns the counts of its open WebSockets. */
export async function addRoutes(
  server: Server,
  services: Services,
  { graphql, alpha, readiness, overload, home, count, runners }: RouteParts,
): Promise<() => SocketCounts> {
  const { config } = services;
  const { endpoint, subscriptions, playground, pages } = config.webserver;
  addHealthRoutes(server, readiness, [joinPath(endpoint, "healthz")]);
  const pageWith = playground ? await addPlayground(server, endpoint) : undefined;
  const page = pageWith?.({
    endpoint,
    subscriptions,
    tabs: "graphql-playground",
    greeting,
    headers: { authorization: "" },
  });
  addGraphqlRoutes(server, services, { path: endpoint, via: "graphql", ...graphql, page, fastPath: true });
  addAlpha(server, services, { ...alpha, playground: pageWith });
  addLogoutRoute(server, services);
  addAuditExport(server, services);
  addEdge(server, services, runners?.reads);
  addScim(server, services, runners?.reads);
  // Signing in with an identity provider begins and ends on the pages.
  if (pages) {
    const signOn = createSignOn(services);
    addSignOn(server, services, signOn);
    addPages(server, services, signOn);
  }
  await addRestRoutes(server, services, runners);
  addHomeRoute(server, config, home);
  const executor = createExecutor({ ...graphql, services, overload, count });
  return addWebsocket(server, { schema: graphql.schema, config, overload, executor });
}
