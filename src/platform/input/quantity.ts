import { z } from "zod";

// Kubernetes' serialization of a quantity, without a sign: nothing here may be negative.
const QUANTITY = /^(?<digits>\d{1,18}(?:\.\d{0,9})?|\.\d{1,9})(?<unit>[numkMGTPE]|[KMGTPE]i|[eE][+-]?\d{1,2})?$/;

const MESSAGE = "must be a quantity such as 0.5, 500m, 1Gi or 1024Mi";

/** The power of ten of each decimal unit. */
const TENS: Readonly<Record<string, number>> = { n: -9, u: -6, m: -3, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 };
/** The power of two of each binary unit. */
const TWOS: Readonly<Record<string, number>> = { Ki: 10, Mi: 20, Gi: 30, Ti: 40, Pi: 50, Ei: 60 };

/**
 * An amount of CPU (in cores) or memory (in bytes) as Kubernetes writes it: a number of at most 18 digits, with an optional
 * unit (`m`, `k`, `M`, `Gi`, …) or exponent (`1e3`).
 */
export const Quantity = z.string(MESSAGE).regex(QUANTITY, MESSAGE);

/** The number that a quantity stands for: 0.5 for "500m", 1073741824 for "1Gi". Throws for other text. */
export function amountOf(quantity: string): number {
  const { digits = "", unit = "" } = QUANTITY.exec(quantity)?.groups ?? {};
  if (digits === "") throw new Error(`${quantity} is no quantity`);
  const two = TWOS[unit];
  if (two !== undefined) return Number(digits) * 2 ** two;
  const exponent = TENS[unit] ?? Number(unit.slice(1));
  // As text: "700e-3" is 0.7, as "0.7" is, but 700 * 0.001 is a little more.
  return Number(`${digits}e${exponent}`);
}
