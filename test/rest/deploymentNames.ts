/** The cluster that every installation has, of type HYBRID as clusters are without a description. */
export const DEFAULT_CLUSTER = "cldefault0000000000000000";

/** A Runtime version with Airflow 2 that may be chosen. */
export const RUNTIME = "13.11.0";
