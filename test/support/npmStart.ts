import manifest from "../../package.json" with { type: "json" };

/** What `npm start` gives to Node: its flags, then the program. */
export const startArguments = manifest.scripts.start.split(" ").slice(1);
