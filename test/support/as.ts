/** A GraphQL response as clients receive it. */
export interface Answer {
  // biome-ignore lint/suspicious/noExplicitAny: a test states the shape it expects.
  data: any;
  errors?: { message: string; path?: (string | number)[]; extensions: { code: string; argument?: string } }[];
  status: number;
}

/** A caller with a credential, or an anonymous one. */
export type Someone = { token: string } | undefined;

/** `as(admin).send(DOCUMENT, variables)`; `as(undefined)` sends no credential. */
export function createAs(url: string) {
  return (someone: Someone) => ({
    async send(query: string, variables: Record<string, unknown> = {}): Promise<Answer> {
      const response = await fetch(`${url}/v1`, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          ...(someone ? { authorization: someone.token } : {}),
        },
        body: JSON.stringify({ query, variables }),
      });
      return { ...((await response.json()) as Omit<Answer, "status">), status: response.status };
    },
  });
}
