import type { Logger } from "pino";
import type { PrismaClient } from "../../generated/prisma/client.ts";
import type { Author } from "../audit/recordAudit.ts";
import type { Config } from "../config/config.ts";
import type { jobs } from "../config/jobs.ts";
import type { SigningKeys } from "../signing/signingKeys.ts";

/** Work that is done on schedule, or by hand with a mutation. */
export interface ScheduledJob {
  /** Name of its settings and of its task. */
  name: keyof typeof jobs;
  /** What `run` counts, for the log: "Removed Deployments". */
  counts: string;
  /**
   * Does all the work, or as much as possible until the signal aborts, and returns how many rows it concerned. Safe to
   * run twice, or on two servers at the same time.
   */
  run(services: JobServices, author: Author, signal: AbortSignal): Promise<number>;
}

/** The services that jobs use. */
export interface JobServices {
  config: Config;
  db: PrismaClient;
  signingKeys: SigningKeys;
  log: Logger;
  now(): Date;
}
