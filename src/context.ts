import type pg from "pg";
import type { Logger } from "pino";
import { type Credential, credentialOf } from "./auth/authenticate.ts";
import { anonymous, type Caller } from "./auth/authorize.ts";
import type { LastUsed } from "./auth/lastUsed.ts";
import type { Roles } from "./auth/roles.ts";
import { createSettler, type Settler, type SharedSettler } from "./auth/settler.ts";
import type { Config } from "./config.ts";
import type { Lanes } from "./database/lanes.ts";
import type { RightsEvents } from "./events/rightsEvents.ts";
import type { StatusEvents } from "./events/statusEvents.ts";
import type { PrismaClient } from "./generated/prisma/client.ts";
import type { SecretBox } from "./secrets.ts";

/** What lives as long as the server does. */
export interface Services {
  config: Config;
  /** Prisma, for writes and for reads inside use cases. */
  db: PrismaClient;
  /** The pool that Prisma shares, for the statements of src/read and src/auth. */
  pool: pg.Pool;
  /** Connections for whole answers that are one read each, and for those that are one write. */
  lanes: Lanes;
  writeLanes: Lanes;
  roles: Roles;
  /** For the guards of what runs on: a request has a settler of its own. */
  sharedSettler: SharedSettler;
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

/** What one request carries: the services, who calls, and how to settle what they may do. */
export interface Context extends Services {
  requestId: string;
  credential: Credential;
  /** Anonymous until the guard of a field has settled who calls. */
  caller: Caller;
  settler: Settler;
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
    settler: createSettler(services.pool, credential),
  };
}
