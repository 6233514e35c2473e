import { parseArgs } from "node:util";
import type { Size } from "./data.ts";
import { type OperationName, operations } from "./operations.ts";
import { type ServerName, serverNames, serves } from "./servers.ts";

/** The options of a run. */
export interface Options {
  sizes: Size[];
  servers: ServerName[];
  operations: OperationName[];
  /** Seconds of load per server, operation and round. */
  seconds: number;
  /** Seconds of uncounted load before the first round. */
  warmUp: number;
  rounds: number;
  connections: number;
  /** Commits do not wait for the disk. */
  asyncCommit: boolean;
  /** Houston starts with the settings of the image instead of plainly. */
  tuned: boolean;
  /** Another checkout of Houston with its packages installed, measured in the same run. */
  baseline: string;
  /** `airflowAccess.cacheDuration` of Houston, in milliseconds. */
  accessCache: number;
  /** Only checks that everything works: size S, 1 s each, one round. */
  smoke: boolean;
}

const operationNames = Object.keys(operations) as OperationName[];

/** The usage message. */
export const usage = `npm run bench -- [--size S|L|both] [--seconds 5] [--rounds 3] [--connections 32]
  [--only ${operationNames.join(",")}] [--servers ${serverNames.join(",")}] [--async-commit] [--tuned]
  [--baseline FOLDER] [--access-cache MILLISECONDS] [--smoke]`;

/** Reads the command line. Throws an error that lists what is allowed. */
export function readOptions(args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      size: { type: "string", default: "both" },
      seconds: { type: "string", default: "5" },
      rounds: { type: "string", default: "3" },
      connections: { type: "string", default: "32" },
      only: { type: "string", default: operationNames.join(",") },
      servers: { type: "string", default: serverNames.join(",") },
      "async-commit": { type: "boolean", default: false },
      tuned: { type: "boolean", default: false },
      baseline: { type: "string", default: "" },
      "access-cache": { type: "string", default: "" },
      smoke: { type: "boolean", default: false },
    },
  });
  const { smoke } = values;
  const sizes = { S: ["S"], L: ["L"], both: ["S", "L"] } satisfies Record<string, Size[]>;
  const size = smoke ? "S" : oneOf(["S", "L", "both"] as const, values.size);
  const asked = listOf(operationNames, values.only);
  return {
    sizes: sizes[size],
    servers: listOf(serverNames, values.servers)
      .filter((name) => name !== "baseline" || values.baseline !== "")
      .filter((name) => asked.some((operation) => serves(name, operation, values.baseline))),
    operations: asked,
    seconds: smoke ? 1 : amount(values.seconds),
    warmUp: smoke ? 0 : 2,
    rounds: smoke ? 1 : amount(values.rounds),
    connections: amount(values.connections),
    asyncCommit: values["async-commit"],
    tuned: values.tuned,
    baseline: values.baseline,
    accessCache: values["access-cache"] === "" ? 0 : amount(values["access-cache"], 5_000),
    smoke,
  };
}

function oneOf<T extends string>(allowed: readonly T[], text: string): T {
  const found = allowed.find((one) => one.toLowerCase() === text.trim().toLowerCase());
  if (found === undefined) throw new Error(`${text}: allowed are ${allowed.join(", ")}`);
  return found;
}

const listOf = <T extends string>(allowed: readonly T[], text: string) => {
  const asked = text.split(",").map((one) => oneOf(allowed, one));
  return allowed.filter((one) => asked.includes(one));
};

function amount(text: string, largest = 1_000): number {
  const number = Number(text);
  if (number > 0 && number <= largest) return number;
  throw new Error(`${text}: needs a number above 0, at most ${largest}`);
}
