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

/** What lives as long as the server does. */
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
  /** Keeps `lastUsedAt` of service accounts. */
  lastUsed: LastUsed;
  /** Tells of Deployments' status, whoever changed it. */
  statusEvents: StatusEvents;
  /** Tells that someone may have lost rights, whoever took them. */
  rightsEvents: RightsEvents;
  log: Logger;
  now(): Date;
}

/** What one request carries: the services, the caller, and how to load what they may do. */
export interface Context extends Services {
  requestId: string;
  credential: Credential;
  /** Anonymous until the guard of a field has loaded the caller. */
  caller: Caller;
  loadCaller: CallerLoader;
}

/** The context of one request. Looks nothing up: the guard does, when the field wants a caller. */
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
