import { z } from "zod";
import { milliseconds, setting, text, whole } from "./setting.ts";

/** `database.*`: the PostgreSQL server and our connections to it. */
export const database = z.strictObject({
  url: setting(
    z
      .string()
      .regex(/^postgres(ql)?:\/\/\S+$/)
      .nullable(),
    null,
    "PostgreSQL server and database. null: Houston runs the embedded PostgreSQL on `database.dataFolder`.",
    { secret: true, allowed: "postgresql://user:password@host:5432/database, or null" },
  ),
  dataFolder: text(
    "./data",
    "Folder of the embedded database, of mails that are written instead of sent, and of generated secrets.",
  ),
  pool: z.strictObject({
    max: whole(
      10,
      "Most connections of one Houston process. Known requests share four tenths of them, at most 4, for reads and, from 5 on, one more for writes.",
      1,
      1_000,
    ),
    acquireTimeout: milliseconds(5_000, "Time a request waits for a connection, in milliseconds; then it answers 503."),
    statementTimeout: milliseconds(10_000, "Time one statement may take, in milliseconds."),
    idleInTransactionTimeout: milliseconds(15_000, "Time a transaction may lie idle, in milliseconds."),
  }),
});
