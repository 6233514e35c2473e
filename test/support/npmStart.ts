import manifest from "../../package.json" with { type: "json" };

/** The arguments that `npm start` passes to Node: its flags, then the program. */
export const startArguments = manifest.scripts.start.split(" ").slice(1);
