import { z } from "zod";
import { DEFAULT_ORGANIZATION } from "../../src/access/scopePaths.ts";
import { createServer } from "../../src/api/http/createServer.ts";
import { REST_PREFIX } from "../../src/api/http/restPrefix.ts";
import { addRestRoutes } from "../../src/api/rest/addRestRoutes.ts";
import { routes } from "../../src/api/rest/routes.ts";
import type { Route } from "../../src/api/rest/routing/route.ts";
import type { App } from "../../src/app.ts";
import type { QueryRunner } from "../../src/platform/database/queryRunner.ts";
import type { Example } from "../rest/examples.ts";
import { type Decision, routeDecisions } from "./decisions.ts";
import { allows, type Column, keysAt, type Level } from "./oracle.ts";
import { columns, nameOf, whoMayCall } from "./whoMayCall.ts";

/** The rows that the calls are about; their Organization is another one than the default in half of the calls. */
export interface RouteSubject {
  organizationId: string;
  workspaceId: string;
  deploymentId: string;
  clusterId: string;
}

/** The status of a call: 2xx, 403 (denied), 404 (does not exist for the caller) or 401 (no valid credential). */
type Outcome = "allowed" | 401 | 403 | 404;

/**
 * The real routes on a server without a port. A read runs as it is. A write that is one statement runs too, and is rolled
 * back; it must be allowed in the statement, because the second attempt behind the guard fails. A use case is replaced by
 * one that does nothing.
 */
export async function guardedRoutes({ services }: App) {
  const server = await createServer(services.config.webserver, services.log, "none");
  const rolledBack: QueryRunner = {
    async query(query) {
      const client = await services.pool.connect();
      try {
        // Triggers are off: what they reject depends on the rows, and this is about the caller.
        await client.query("BEGIN; SET LOCAL session_replication_role = replica");
        return await client.query(query);
      } finally {
        await client.query("ROLLBACK");
        client.release();
      }
    },
  };
  await addRestRoutes(server, services, { reads: services.pool, writes: rolledBack }, routes.map(harmless));
  await server.ready();
  return server;
}

function harmless(route: Route): Route {
  const { work } = route;
  if ("read" in work) return route;
  if ("write" in work) {
    const check = () => Promise.reject(new Error("the statement denies what the guard allows"));
    return { ...route, work: { ...work, write: { ...work.write, check } } as Route["work"] };
  }
  const { query: _query, ...rest } = route;
  return { ...rest, body: z.unknown(), answer: z.unknown(), work: { compute: async () => ({}) } };
}

/** Where the row is that permissions on a route are about. */
export function levelOf({ path, body }: Route): Level {
  if (path.includes("{deploymentId}")) return "deployment";
  const inBody = body !== undefined && JSON.stringify(z.toJSONSchema(body)).includes('"workspaceId"');
  return path.includes("{workspaceId}") || inBody ? "workspace" : "system";
}

function decisionOf(operationId: string): Decision {
  const decision = routeDecisions[operationId];
  if (decision) return decision;
  throw new Error(`No rule for the route ${operationId}: add it to routeDecisions in test/access/decisions.ts`);
}

/** What a caller should get, according to the decisions. */
function expected(route: Route, column: Column, organizationId: string): Outcome {
  const { kind, role, own } = column;
  if (kind === "nobody" || kind === "bad token") return 401;
  const isMember = organizationId === DEFAULT_ORGANIZATION || own || role?.startsWith("SYSTEM");
  const inside = route.path.includes("{organizationId}");
  if (inside && !isMember) return 403;
  const level = levelOf(route);
  const { needs } = decisionOf(route.operationId);
  if (allows(column, keysAt(needs, level))) return "allowed";
  // The row exists for those who may get it.
  const get = routes.find(({ method, path }) => method === "GET" && path === route.path);
  const isHidden = route.path.endsWith("}") && get && !allows(column, keysAt(decisionOf(get.operationId).needs, level));
  return isHidden ? 404 : 403;
}

interface Called {
  server: Awaited<ReturnType<typeof guardedRoutes>>;
  subject: RouteSubject;
  /** By the index of the column. */
  tokens: readonly (string | undefined)[];
  /** A valid request. */
  exampleOf(operationId: string): Example;
}

/** A body with the rows that rules can name; a write that runs gets a valid one. */
function payloadOf({ operationId, body, work }: Route, { workspaceId }: RouteSubject, exampleOf: Called["exampleOf"]) {
  if (!body) return undefined;
  return "write" in work ? exampleOf(operationId).body : { workspaceId };
}

/** Calls every route as every caller: a line for each route, and the differences to what was decided. */
export async function callRoutes({ server, subject, tokens, exampleOf }: Called) {
  const rows: string[] = [];
  const differences: string[] = [];
  for (const route of routes) {
    const { operationId, method, path } = route;
    const url = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => String(subject[name as keyof RouteSubject]));
    const payload = payloadOf(route, subject, exampleOf);
    const outcomes = new Map<Column, Outcome>();
    const call = async (column: Column, index: number) => {
      const token = tokens[index];
      const { statusCode, body } = await server.inject({
        method,
        url: `${REST_PREFIX}${url}`,
        headers: token === undefined ? {} : { authorization: token },
        ...(payload && { payload }),
      });
      const outcome = statusCode === 200 || statusCode === 204 ? "allowed" : statusCode;
      if (![401, 403, 404, "allowed"].includes(outcome))
        throw new Error(`${operationId} for ${nameOf(column)}: ${body}`);
      outcomes.set(column, outcome as Outcome);
      const wanted = expected(route, column, subject.organizationId);
      if (outcome !== wanted) differences.push(`${operationId} for ${nameOf(column)}: ${outcome} instead of ${wanted}`);
    };
    await Promise.all(columns.map(call));
    const who = (wanted: Outcome) => whoMayCall(new Set(columns.filter((column) => outcomes.get(column) === wanted)));
    const hidden = [...outcomes.values()].includes(404);
    rows.push(
      `| ${method} | ${operationId} | ${levelOf(route)} | ${who("allowed")} | ${hidden ? who(403) : "the others"} |`,
    );
  }
  return { rows, differences };
}
