/**
 * Compares versions number by number: negative if `a` is earlier. A shorter version is earlier (`2.0.0` before
 * `2.0.0-1`); a part that is not a number counts as 0.
 */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [numbersOf(a), numbersOf(b)];
  for (let i = 0; i < Math.max(left.length, right.length); i += 1) {
    const difference = (left[i] ?? -1) - (right[i] ?? -1);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Compares Runtime versions. Those for Airflow 3 (`3.1-2`) are later than all earlier ones (`13.11.0`). */
export const compareRuntimeVersions = (a: string, b: string): number =>
  Number(isForAirflow3(a)) - Number(isForAirflow3(b)) || compareVersions(a, b);

/** Whether a Runtime version has the form `<Airflow minor version>-<build>`, which began with Airflow 3. */
export const isForAirflow3 = (runtimeVersion: string): boolean => /^\d+\.\d+-\d/.test(runtimeVersion);

const numbersOf = (version: string) => version.split(/[.+-]/).map((part) => Number.parseInt(part, 10) || 0);
