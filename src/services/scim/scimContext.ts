import type { Client, Services } from "../../access/context.ts";
import type { Author } from "../../platform/audit/recordAudit.ts";
import type { QueryRunner } from "../../platform/database/queryRunner.ts";

/** The context of a request of a SCIM client: the provider whose users and teams it keeps. */
export interface ScimContext extends Services, Author {
  client: Client;
  /** Runs the statements that requests mostly consist of. */
  reads: QueryRunner;
  provider: string;
  /** The token in the request; null for the code in the configuration. */
  tokenId: string | null;
  caller: { kind: "scim"; id: string };
}

/** A page of a list. */
export interface ScimPage<Row> {
  /** Of all that meet the filter. */
  total: number;
  rows: Row[];
}
