/** The versions of a Deployment on this runtime version, with its Airflow version and no pending upgrade. */
export const onRuntime = (runtimeVersion: string, airflowVersion: string) => ({
  runtimeVersion,
  airflowVersion,
  desiredRuntimeVersion: runtimeVersion,
  desiredAirflowVersion: airflowVersion,
});

/** The versions of a Deployment on plain Airflow without a pending upgrade. */
export const onAirflow = (version: string) => ({ airflowVersion: version, desiredAirflowVersion: version });
