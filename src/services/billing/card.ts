import { AppError } from "../../platform/errors/appError.ts";

/** Stands for every operation about cards: throws BILLING_NOT_CONFIGURED, because no payment service is connected. */
export function card(): never {
  throw new AppError(
    "BILLING_NOT_CONFIGURED",
    "This platform is not connected to a payment service: it keeps no cards",
  );
}
