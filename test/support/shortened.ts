/** In the shortened run of the hard tests, `short`: seconds, rounds or whatever else takes time. Otherwise `full`. */
export const shortened = (full: number, short: number) => (isShort ? short : full);

/** Whether this is the shortened run, `npm run test:hard -- --short`. */
export const isShort = process.env.TEST_SHORT === "on";

/** Whether this is part of a full `npm run test:hard`, which sets TEST_RESULTS for all files, or one hard test alone. */
export const isMeasured = !isShort && (process.env.TEST_HARD === "on" || process.env.TEST_RESULTS !== undefined);
