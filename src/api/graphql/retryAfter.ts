import type { ApolloServerPlugin } from "@apollo/server";
import { asAppError } from "../../platform/errors/asAppError.ts";
import { thrownIn } from "./formatError.ts";

/** Sends the longest wait that an error of the response names in the header `retry-after`, in seconds. */
export const retryAfter: ApolloServerPlugin = {
  async requestDidStart() {
    return {
      async willSendResponse({ response, errors = [] }) {
        const waits = errors.map((error) => asAppError(thrownIn(error))?.retryAfter ?? 0);
        const longest = Math.max(0, ...waits);
        if (longest > 0) response.http.headers.set("retry-after", String(longest));
      },
    };
  },
};
