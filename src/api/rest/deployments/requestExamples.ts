/** What the document shows as requests; the IDs are those of no row. */
const shared = {
  type: "STANDARD" as const,
  name: "Reports",
  description: "For the sales team",
  workspaceId: "clworkspace00000000000000",
  executor: "CELERY" as const,
  schedulerSize: "SMALL" as const,
  isHighAvailability: false,
  isCicdEnforced: false,
  isDagDeployEnabled: false,
  defaultTaskPodCpu: "0.25",
  defaultTaskPodMemory: "0.5Gi",
  resourceQuotaCpu: "10",
  resourceQuotaMemory: "20Gi",
  environmentVariables: [{ key: "COLOR", value: "blue", isSecret: false }],
  workerQueues: [
    {
      name: "default",
      isDefault: true,
      minWorkerCount: 0,
      maxWorkerCount: 10,
      workerConcurrency: 5,
      astroMachine: "A5" as const,
    },
  ],
};

export const createExample = { ...shared, astroRuntimeVersion: "13.11.0" };

export const updateExample = { ...shared, name: "Daily reports", schedulerSize: "MEDIUM" as const };
