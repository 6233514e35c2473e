import { DEFAULT_CLUSTER, RUNTIME } from "./deploymentNames.ts";

/** Valid requests that create and update a Deployment with every field of its type. */
export function deploymentExamples(workspaceId: string) {
  const queue = { name: "default", isDefault: true, minWorkerCount: 1, maxWorkerCount: 10, workerConcurrency: 5 };
  const shared = {
    workspaceId,
    description: "For reports",
    isCicdEnforced: false,
    isDagDeployEnabled: false,
    contactEmails: ["team@example.com"],
    environmentVariables: [{ key: "COLOR", value: "blue", isSecret: false }],
    workloadIdentity: "role",
    drWorkloadIdentity: "role",
  };
  const standard = {
    ...shared,
    type: "STANDARD",
    name: "Blue",
    executor: "CELERY",
    schedulerSize: "SMALL",
    isHighAvailability: true,
    isDevelopmentMode: true,
    defaultTaskPodCpu: "500m",
    defaultTaskPodMemory: "1Gi",
    resourceQuotaCpu: "10",
    resourceQuotaMemory: "20Gi",
    workerQueues: [{ ...queue, astroMachine: "A5" }],
    remoteExecution: {
      enabled: true,
      allowedIpAddressRanges: ["203.0.113.0/24"],
      taskLogBucket: "logs",
      taskLogUrlPattern: "https://logs.example.com/{id}",
    },
    scalingSpec: {
      hibernationSpec: {
        override: { isHibernating: true, overrideUntil: "2035-01-01T00:00:00Z" },
        schedules: [{ description: "Night", hibernateAtCron: "0 20 * * *", wakeAtCron: "0 7 * * *", isEnabled: true }],
      },
    },
  };
  const hybrid = { ...shared, type: "HYBRID", name: "Green", executor: "CELERY", scheduler: { au: 5, replicas: 1 } };
  return {
    create: {
      ...standard,
      astroRuntimeVersion: RUNTIME,
      clusterId: DEFAULT_CLUSTER,
      cloudProvider: "AWS",
      region: "us-east-1",
    },
    update: standard,
    createHybrid: { ...hybrid, astroRuntimeVersion: RUNTIME, clusterId: DEFAULT_CLUSTER },
    updateHybrid: hybrid,
  };
}
