/** Prints the worst figures of a case, which the runner of the hard tests shows in its table. */
export function figures(title: string, values: Record<string, string | number>): void {
  const shown = Object.entries(values).map(([name, value]) => {
    return `${name} ${typeof value === "number" ? Math.round(value * 10) / 10 : value}`;
  });
  process.stdout.write(`${title}: ${shown.join(", ")}\n`);
}

/** The value that `share` of the values do not exceed: 0.99 for the 99th percentile. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? 0;
}
