/** The result of `work`, or `otherwise` if it fails or takes longer than `limit` milliseconds. */
export async function inTime<T>(limit: number, work: Promise<T>, otherwise: T): Promise<T> {
  const { promise, resolve } = Promise.withResolvers<T>();
  const timer = setTimeout(resolve, limit, otherwise);
  work.then(resolve, () => resolve(otherwise));
  return promise.finally(() => clearTimeout(timer));
}
