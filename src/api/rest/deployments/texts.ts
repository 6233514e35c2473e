import { z } from "zod";

/** A string of at most `max` characters. */
export const textOf = (max: number) => {
  const TEXT = `must be a string of at most ${max.toLocaleString("en")} characters`;
  return z.string(TEXT).max(max, TEXT);
};

/** An ID in a request. */
export const Id = textOf(64).min(1, "is required");
