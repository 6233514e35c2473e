import { AppError } from "../../platform/errors/appError.ts";

/** Resolves every operation on payment cards: throws BILLING_NOT_CONFIGURED, because no payment service is connected. */
export function card(): never {
  throw new AppError(
    "BILLING_NOT_CONFIGURED",
    "This platform is not connected to a payment service and stores no payment cards",
  );
}
