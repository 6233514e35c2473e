import { z } from "zod";
import { integer, milliseconds, setting, text } from "./setting.ts";

/** `database.*`: the PostgreSQL server and our connections to it. */
export const database = z.strictObject({
  url: setting(
    z
      .string()
      .refine((url) => /^postgres(ql)?:\/\/\S+$/.test(url) && URL.canParse(url))
      .nullable(),
    null,
    "URL of the PostgreSQL database. null: Houston starts the embedded PostgreSQL in `database.dataFolder`.",
    {
      secret: true,
      allowed: "postgresql://user:password@host:5432/database with # / ? @ in the password as %23 %2F %3F %40, or null",
    },
  ),
  dataFolder: text(
    "./data",
    "Folder of the embedded database, of e-mails that are written to files, and of generated secrets.",
  ),
  pool: z.strictObject({
    max: integer(
      10,
      "Maximum number of connections of one Houston process. The fast path uses 40 % of them for reads, at most 4, and one for writes if there are at least 5.",
      1,
      1_000,
    ),
    acquireTimeout: milliseconds(
      5_000,
      "Time a request waits for a connection, in milliseconds. After that it fails with SERVICE_UNAVAILABLE.",
    ),
    statementTimeout: milliseconds(10_000, "Maximum duration of a statement, in milliseconds."),
    requestTimeout: milliseconds(
      8_000,
      "Time one request may wait for the database: for connections and statements together, in milliseconds. After that it fails with SERVICE_UNAVAILABLE.",
    ),
    idleInTransactionTimeout: milliseconds(15_000, "Maximum idle time of a transaction, in milliseconds."),
  }),
});
