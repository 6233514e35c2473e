import type { Config } from "../../../platform/config/config.ts";

/** Times that a status depends on, in milliseconds. */
export interface Timings {
  /** Within this time Flux answers: its interval and its timeout together. */
  silence: number;
  /** Time that pods have to become ready after a change, until the Deployment is UNHEALTHY. */
  grace: number;
}

/** Five minutes: images are pulled, and Airflow takes its time to start. */
const GRACE = 300_000;

const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000 };

/** The times that follow from the settings. */
export const timingsOf = ({ interval, timeout }: Config["flux"]): Timings => ({
  silence: milliseconds(interval) + milliseconds(timeout),
  grace: GRACE,
});

/** A setting such as `30m`. */
const milliseconds = (duration: string) => Number(duration.slice(0, -1)) * (UNITS[duration.slice(-1)] ?? 0);
