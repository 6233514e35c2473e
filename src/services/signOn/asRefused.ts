import { AuthorizationResponseError } from "openid-client";
import { SignOnRefused } from "./refused.ts";

/** Runs `work`; an error of the library, or of a request to the provider, becomes SignOnRefused. */
export async function asRefused<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw refusedBy(error);
  }
}

function refusedBy(error: unknown): SignOnRefused {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof SignOnRefused) return cause;
  }
  return new SignOnRefused(error instanceof AuthorizationResponseError ? "denied" : "invalid", error);
}
