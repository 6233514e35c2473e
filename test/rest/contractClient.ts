import { type AxiosResponse, OpenAPIClientAxios } from "openapi-client-axios";
import { expect } from "vitest";
import { REST_PREFIX } from "../../src/api/http/restPrefix.ts";
import contract from "../contract/platform-v1beta1.json" with { type: "json" };
import type { Someone } from "../support/as.ts";
import { errorsIn, type RestAnswer } from "../support/restCalls.ts";
import { ORGANIZATION } from "./examples.ts";

/**
 * Calls an operation of the contract by its ID, in the default Organization unless another is given, and returns the body.
 * Without an expected `status`, it must succeed.
 */
export type ContractClient = (
  operationId: string,
  parameters?: object,
  given?: { body?: object; status?: number },
) => Promise<RestAnswer["body"]>;

/**
 * A client that is generated from the contract as it is. Each answer must be one that the contract and our own document
 * describe, and so must each request that succeeds.
 */
export async function contractClient(url: string, someone: Someone): Promise<ContractClient> {
  const base = `${url}${REST_PREFIX}`;
  const api = new OpenAPIClientAxios({
    // The client resolves the references in the object that it is given.
    definition: structuredClone(contract) as never,
    axiosConfigDefaults: {
      baseURL: base,
      headers: someone ? { authorization: `Bearer ${someone.token}` } : {},
      // Lists as OpenAPI has them unless the document says otherwise: a=1&a=2. Axios writes a[]=1&a[]=2.
      paramsSerializer: { indexes: null },
      validateStatus: () => true,
    },
  });
  const client = await api.init();
  const methods = client as unknown as Record<string, (parameters: object, body?: object) => Promise<AxiosResponse>>;
  return async (operationId, parameters = {}, given = {}) => {
    const method = methods[operationId];
    if (!method) throw new Error(`The contract has no operation ${operationId}`);
    const { path } = api.getOperation(operationId) ?? {};
    const inside = path?.includes("{organizationId}") ? { organizationId: ORGANIZATION } : {};
    const { status, data, headers, config } = await method({ ...inside, ...parameters }, given.body);
    const answer = { status, body: data === "" ? undefined : data, headers: new Headers({ ...headers } as never) };
    const sent = { method: config.method?.toUpperCase() ?? "", path: client.getUri(config).slice(base.length) };
    const what = `${sent.method} ${sent.path}, answered ${status} ${JSON.stringify(data)}`;
    expect(errorsIn({ ...sent, body: given.body }, answer), what).toEqual([]);
    expect(status, what).toBe(given.status ?? (sent.method === "DELETE" ? 204 : 200));
    return answer.body;
  };
}
