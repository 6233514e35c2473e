/** Which clusters do not answer: others are not to wait for them in the few slots of the worker. */
export interface Outages {
  /**
   * Runs work on a cluster, or throws what `refused` returns without running it: while the cluster does not answer, one
   * run at a time finds out whether it does again. `isSilence` tells whether an error means that it did not answer.
   */
  run(clusterId: string, work: () => Promise<void>, refused: () => Error): Promise<void>;
}

/** Remembers outages in this process. */
export function createOutages(isSilence: (error: unknown) => boolean): Outages {
  /** The clusters that did not answer, and whether a run finds out if they do again. */
  const silent = new Map<string, { isAsked: boolean }>();
  return {
    async run(clusterId, work, refused) {
      const outage = silent.get(clusterId);
      if (outage?.isAsked) throw refused();
      if (outage) outage.isAsked = true;
      try {
        await work();
        silent.delete(clusterId);
      } catch (error) {
        if (isSilence(error)) silent.set(clusterId, { isAsked: false });
        else silent.delete(clusterId);
        throw error;
      }
    },
  };
}
