/** The size of one worker on each machine, as Kubernetes quantities. */
export const workerMachines: Readonly<Record<string, { cpu: string; memory: string }>> = {
  A5: { cpu: "1", memory: "2Gi" },
  A10: { cpu: "2", memory: "4Gi" },
  A20: { cpu: "4", memory: "8Gi" },
  A40: { cpu: "8", memory: "16Gi" },
  A60: { cpu: "12", memory: "24Gi" },
  A120: { cpu: "24", memory: "48Gi" },
  A160: { cpu: "32", memory: "64Gi" },
};
