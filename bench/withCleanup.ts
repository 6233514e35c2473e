type Cleanup = () => Promise<unknown>;

/**
 * Runs `work` and then, whether it succeeded, failed or was interrupted (Ctrl-C, SIGTERM), the functions passed to `onEnd`
 * in reverse order. If one fails, the others still run.
 */
export async function withCleanup<T>(work: (onEnd: (cleanup: Cleanup) => void) => Promise<T>): Promise<T> {
  const cleanups: Cleanup[] = [];
  const interrupted = Promise.withResolvers<never>();
  const interrupt = () => interrupted.reject(new Error("interrupted"));
  process.once("SIGINT", interrupt).once("SIGTERM", interrupt);
  try {
    return await Promise.race([work((cleanup) => void cleanups.push(cleanup)), interrupted.promise]);
  } finally {
    process.off("SIGINT", interrupt).off("SIGTERM", interrupt);
    for (const cleanup of cleanups.toReversed()) await cleanup().catch(() => undefined);
  }
}
