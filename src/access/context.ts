import type pg from "pg";
import type { Logger } from "pino";
import type { PrismaClient } from "../generated/prisma/client.ts";
import type { Denials } from "../platform/audit/denials.ts";
import type { Origin } from "../platform/audit/origin.ts";
import type { Config } from "../platform/config/config.ts";
import type { RightsEvents } from "../platform/events/rightsEvents.ts";
import type { StatusEvents } from "../platform/events/statusEvents.ts";
import type { ClusterConnections } from "../platform/kubernetes/clusterConnections.ts";
import type { SecretBox } from "../platform/secrets/secretBox.ts";
import type { SigningKeys } from "../platform/signing/signingKeys.ts";
import { type Credential, credentialOf } from "./authenticate.ts";
import { anonymous, type Caller } from "./authorize.ts";
import { type CallerLoader, createCallerLoader, type SharedCallerLoader } from "./callerLoader.ts";
import type { LastUsed } from "./lastUsed.ts";
import type { Roles } from "./roles.ts";

/** Shared by all requests, for the lifetime of the server. */
export interface Services {
  config: Config;
  /** Prisma, for writes and for reads inside use cases. */
  db: PrismaClient;
  /** The pool that Prisma shares, for the statements of src/query and src/access. */
  pool: pg.Pool;
  roles: Roles;
  /** For the guards of subscriptions, which outlive a request. */
  sharedCallerLoader: SharedCallerLoader;
  secrets: SecretBox;
  /** For tokens that others verify: Airflow and the image registry. */
  signingKeys: SigningKeys;
  /** Updates `lastUsedAt` of service accounts and sessions. */
  lastUsed: LastUsed;
  /** Writes denied changes and failed sign-ins to the audit log. */
  denials: Denials;
  /** Publishes changes of Deployments' status, made by any process. */
  statusEvents: StatusEvents;
  /** Publishes that a caller may have lost permissions, revoked by any process. */
  rightsEvents: RightsEvents;
  /** Connects to the clusters on which Deployments run. */
  connections: ClusterConnections;
  log: Logger;
  now(): Date;
}

/** The row that a change is about, as audit entries name it. */
export interface Target {
  entityType: string;
  entityId: string;
  workspaceId: string | null;
}

/** Who sent a request, as far as the connection shows. */
export interface Client {
  /** IP address; with `webserver.trustedProxies`, that of the client of the proxy. "" for work that nobody sent. */
  address: string;
  /** Whether the request came from this machine, and neither through a proxy nor from the page of another site. */
  sameMachine: boolean;
  /** The set-up token that was sent with the request. */
  setupToken: string | undefined;
}

/** The client of work that no request asked for. */
export const noClient: Client = { address: "", sameMachine: false, setupToken: undefined };

/** The context of one request: the services, the caller, and the loader of the caller's roles. */
export interface Context extends Services {
  requestId: string;
  origin: Origin;
  client: Client;
  credential: Credential;
  /** Anonymous until the guard of a field has loaded the caller. */
  caller: Caller;
  loadCaller: CallerLoader;
  /** The row that the current change is about, if it is known: what a denial is recorded for. */
  target: Target | undefined;
  /** The ID in the header `organization` of a request to the alpha API; undefined without the header, and elsewhere. */
  organization?: string | undefined;
}

/** Creates the context of one request. The caller is loaded later, by the guard of a field that requires one. */
export function createContext(
  services: Services,
  request: { authorization: string | undefined; requestId: string; origin: Origin; log: Logger; client?: Client },
): Context {
  const credential = credentialOf(services.config, request.authorization);
  return {
    ...services,
    log: request.log,
    requestId: request.requestId,
    origin: request.origin,
    client: request.client ?? noClient,
    credential,
    caller: anonymous,
    target: undefined,
    loadCaller: createCallerLoader(services.pool, credential),
  };
}
