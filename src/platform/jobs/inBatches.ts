/**
 * Repeats `remove`, which removes at most `size` rows and returns how many, until it finds fewer or the signal aborts.
 * Returns the total. Each batch is short, so that requests do not wait for its locks.
 */
export async function inBatches(
  remove: (size: number) => Promise<number>,
  { size, signal }: { size: number; signal?: AbortSignal | undefined },
): Promise<number> {
  let total = 0;
  while (!signal?.aborted) {
    const removed = await remove(size);
    total += removed;
    if (removed < size) break;
  }
  return total;
}
