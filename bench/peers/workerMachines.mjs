/** The size of one worker on each machine, as Kubernetes quantities. */
export const workerMachines = Object.fromEntries(
  Object.entries({ A5: 1, A10: 2, A20: 4, A40: 8, A60: 12, A120: 24, A160: 32 }).map(([name, cores]) => [
    name,
    { cpu: `${cores}`, memory: `${cores * 2}Gi` },
  ]),
);
