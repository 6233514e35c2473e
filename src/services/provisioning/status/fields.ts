/** The value as an object; an empty one if it is none. Objects of a cluster may have any shape. */
export const fieldsOf = (value: unknown): Record<string, unknown> =>
  typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};

/** The value as a list; an empty one if it is none. */
export const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

/** The value if it is a string that is not empty. */
export const textOf = (value: unknown): string | undefined =>
  typeof value === "string" && value !== "" ? value : undefined;

/** The value if it is a number. */
export const numberOf = (value: unknown): number | undefined =>
  typeof value === "number" && Number.isFinite(value) ? value : undefined;

/** A time such as `2026-11-29T16:00:00Z`, in milliseconds; undefined if it is none. */
export function timeOf(value: unknown): number | undefined {
  const time = typeof value === "string" ? Date.parse(value) : Number.NaN;
  return Number.isNaN(time) ? undefined : time;
}

/**
 * A text in one line of at most `max` characters, without what PostgreSQL refuses. It shares no memory with a longer text
 * from which it was cut.
 */
export function lineOf(text: string, max: number): string {
  const line = text.slice(0, max * 2).replaceAll(/[\s\p{Cc}]+/gu, " ");
  const cut = line.length > max || text.length > max * 2 ? `${line.slice(0, max - 1)}…` : line;
  return Buffer.from(cut.trim()).toString();
}
