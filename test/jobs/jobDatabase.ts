import { pino } from "pino";
import { connect } from "../../src/platform/database/connect.ts";
import { createTestDatabase } from "../support/db.ts";

/** A new database, connected as the server connects. */
export async function jobDatabase() {
  const { url, drop } = await createTestDatabase();
  const limits = {
    max: 10,
    acquireTimeout: 5_000,
    statementTimeout: 10_000,
    idleInTransactionTimeout: 15_000,
    requestTimeout: 8_000,
  };
  const database = connect(url, limits, pino({ level: "silent" }));
  return {
    ...database,
    url,
    async close() {
      await database.close();
      await drop();
    },
  };
}
