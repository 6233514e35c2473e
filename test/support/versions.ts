/** The versions of a Deployment that runs this runtime version, with the Airflow inside, and is to go nowhere else. */
export const onRuntime = (runtimeVersion: string, airflowVersion: string) => ({
  runtimeVersion,
  airflowVersion,
  desiredRuntimeVersion: runtimeVersion,
  desiredAirflowVersion: airflowVersion,
});

/** The versions of a Deployment that runs plain Airflow and is to go nowhere else. */
export const onAirflow = (version: string) => ({ airflowVersion: version, desiredAirflowVersion: version });
