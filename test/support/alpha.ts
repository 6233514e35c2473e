import type { Answer, Someone } from "./as.ts";

/** Sends a request to the alpha API: `alpha(admin, { organization: id }).send(document, variables)`. */
export function createAlpha(url: string) {
  return (someone: Someone, { organization }: { organization?: string } = {}) => ({
    async send(query: string, variables: Record<string, unknown> = {}): Promise<Answer> {
      const response = await fetch(`${url}/alpha`, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          ...(someone ? { authorization: someone.token } : {}),
          ...(organization === undefined ? {} : { organization }),
        },
        body: JSON.stringify({ query, variables }),
      });
      return { ...((await response.json()) as Omit<Answer, "status">), status: response.status };
    },
  });
}
