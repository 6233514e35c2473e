import { fileURLToPath } from "node:url";
import type { Tree } from "../../platform/config/tree.ts";
import { loadPrototypes } from "./loadPrototypes.ts";
import type { Prototype } from "./prototype.ts";
import { readFields } from "./readFields.ts";

/** All Clickstream destinations, sorted by code. Read when the server starts; an invalid file prevents that. */
export const prototypes = loadPrototypes(fileURLToPath(new URL("./prototypes/", import.meta.url)));

const byCode = new Map(prototypes.map((prototype) => [prototype.code, prototype]));

/** The prototype with this `integrationCode`. undefined if it is unknown. */
export const prototypeByCode = (code: string): Prototype | undefined => byCode.get(code);

/**
 * The `details` of a Connection, with defaults. Throws BAD_USER_INPUT that names each invalid property and what is
 * allowed, and contains no values.
 */
export const detailsFor = (prototype: Prototype, value: unknown, argument = "details"): Tree =>
  readFields(prototype.connectionPrototype, value, argument);

/** The `configPayload` of an Integration, with defaults. Throws BAD_USER_INPUT as `detailsFor` does. */
export const configFor = (prototype: Prototype, value: unknown, argument = "configPayload"): Tree =>
  readFields(prototype.configPrototype, value, argument);
