import { fieldsOf, listOf, timeOf } from "./fields.ts";

/**
 * When the wanted state of an object was last written, in milliseconds: the latest time that the API server notes for a
 * field manager of anything but the status. Undefined if it notes none.
 */
export function specChangedAt(metadata: Record<string, unknown>): number | undefined {
  const times = listOf(metadata.managedFields)
    .map(fieldsOf)
    .filter(({ subresource }) => subresource !== "status")
    .map(({ time }) => timeOf(time))
    .filter((time) => time !== undefined);
  return times.length > 0 ? Math.max(...times) : undefined;
}
