import type pg from "pg";
import type { Logger } from "pino";
import type { PrismaClient } from "../generated/prisma/client.ts";
import type { Config } from "../platform/config/config.ts";
import type { RightsEvents } from "../platform/events/rightsEvents.ts";
import type { StatusEvents } from "../platform/events/statusEvents.ts";
import type { SecretBox } from "../platform/secrets/secretBox.ts";
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
  /** Updates `lastUsedAt` of service accounts. */
  lastUsed: LastUsed;
  /** Publishes changes of Deployments' status, made by any process. */
  statusEvents: StatusEvents;
  /** Publishes that a caller may have lost permissions, revoked by any process. */
  rightsEvents: RightsEvents;
  log: Logger;
  now(): Date;
}

/** The context of one request: the services, the caller, and the loader of the caller's roles. */
export interface Context extends Services {
  requestId: string;
  credential: Credential;
  /** Anonymous until the guard of a field has loaded the caller. */
  caller: Caller;
  loadCaller: CallerLoader;
}

/** Creates the context of one request. The caller is loaded later, by the guard of a field that requires one. */
export function createContext(
  services: Services,
  request: { authorization: string | undefined; requestId: string; log: Logger },
): Context {
  const credential = credentialOf(services.config, request.authorization);
  return {
    ...services,
    log: request.log,
    requestId: request.requestId,
    credential,
    caller: anonymous,
    loadCaller: createCallerLoader(services.pool, credential),
  };
}
