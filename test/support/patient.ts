const LONG = 60_000;

/** Settings with which requests wait for the database, or for their turn, as long as a test needs on a busy machine. */
export const patient = {
  database: { pool: { acquireTimeout: LONG, statementTimeout: LONG, requestTimeout: LONG } },
};
