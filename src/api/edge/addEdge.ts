import type { Services } from "../../access/context.ts";
import type { QueryRunner } from "../../platform/database/queryRunner.ts";
import { createAirflowTokens } from "../../services/airflow/airflowToken.ts";
import type { Server } from "../http/createServer.ts";
import { addAlerts } from "./addAlerts.ts";
import { addAuthorization } from "./addAuthorization.ts";
import { addJwks } from "./addJwks.ts";
import { addRegistryAuthorization } from "./addRegistryAuthorization.ts";
import { addRegistryEvents } from "./addRegistryEvents.ts";

/**
 * The routes for the programs around the platform: the ingress, Airflow, the image registry, Alertmanager. `reads` runs the
 * statement that is asked for with every page and asset of Airflow.
 */
export function addEdge(server: Server, services: Services, reads: QueryRunner = services.pool): void {
  const { config, signingKeys, now } = services;
  const { issuer } = config.jwt;
  const tokens = createAirflowTokens(signingKeys, { issuer, duration: config.airflowAccess.tokenDuration, now });
  addAuthorization(server, services, { reads, tokens });
  addRegistryAuthorization(server, services);
  addRegistryEvents(server, services);
  const { authHeader } = config.alertmanager;
  if (authHeader !== null) addAlerts(server, services, authHeader);
  addJwks(server, config.webserver.endpoint, signingKeys);
}
