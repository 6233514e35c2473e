import { z } from "zod";

/** No value of an alert says more in an e-mail. In characters. */
const MAX_TEXT = 500;

const text = z.string().transform((value) => value.slice(0, MAX_TEXT));
const texts = z.record(z.string(), text).default({});

/** One alert, as Alertmanager reports it. Members that are not listed are ignored: each version adds some. */
const Alert = z.object({
  status: z.enum(["firing", "resolved"], "must be firing or resolved"),
  labels: texts,
  annotations: texts,
  /** When it began to fire: the same in all reports of it. */
  startsAt: text,
  fingerprint: z.string().min(1).max(100),
});

export type Alert = z.output<typeof Alert>;

/** The body of Alertmanager's webhook, version 4. */
export const AlertReport = z.object({
  version: z.literal("4", "must be 4"),
  groupKey: z.string().min(1),
  alerts: z.array(Alert, "must be a list"),
});
