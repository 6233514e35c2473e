const LONG = 60_000;

/** Settings with which fifty requests at once wait for their turn also on a busy machine. */
export const patient = {
  database: { pool: { acquireTimeout: LONG, statementTimeout: LONG, requestTimeout: LONG } },
};
