import { ValuesError } from "./valuesError.ts";

const BYTES: Record<string, number> = {
  "": 1,
  ...{ k: 1e3, M: 1e6, G: 1e9, T: 1e12 },
  ...{ Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40 },
};

/** CPU in the units of Kubernetes (`0.5`, `500m`) as thousandths of a core, rounded up. */
export function millicores(quantity: string): number {
  const [, number = "", unit] = /^(\d+(?:\.\d+)?)(m?)$/.exec(quantity) ?? [];
  if (unit === undefined) throw new ValuesError(`${quantity} is not an amount of CPU such as 0.5 or 500m`);
  return Math.ceil(Number(number) * (unit === "m" ? 1 : 1_000));
}

/** Memory in the units of Kubernetes (`1Gi`, `512Mi`, `1G`, bytes) as MiB, rounded up. */
export function mebibytes(quantity: string): number {
  const [, number = "", unit = "?"] = /^(\d+(?:\.\d+)?)([kMGT]?|[KMGT]i)$/.exec(quantity) ?? [];
  const factor = BYTES[unit];
  if (factor === undefined) throw new ValuesError(`${quantity} is not an amount of memory such as 1Gi or 512Mi`);
  return Math.ceil((Number(number) * factor) / 2 ** 20);
}
