/** In the shortened run of the hard tests, `short`: seconds, rounds or whatever else takes time. Otherwise `full`. */
export const shortened = (full: number, short: number) => (isShort ? short : full);

/** Whether this is the shortened run, `npm run test:hard -- --short`. */
export const isShort = process.env.TEST_SHORT === "on";
