import type { TestApp } from "../support/app.ts";

/** The Organization that every installation has. */
export const ORGANIZATION = "clorgdefault0000000000000";

/** A response of the Platform API. */
export interface RestAnswer {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: a test states the shape it expects.
  body: any;
}

type Someone = { token: string } | undefined;

/** `call(admin).post("/clusters", body)`; paths are below those of the Organization, the default one unless another is given. */
export function createCalls({ url }: Pick<TestApp, "url">) {
  return (someone: Someone, organizationId = ORGANIZATION) => {
    const send = async (method: string, path: string, body?: unknown): Promise<RestAnswer> => {
      const response = await fetch(`${url}/platform/v1beta1/organizations/${organizationId}${path}`, {
        method,
        headers: {
          ...(body === undefined ? {} : { "content-type": "application/json" }),
          ...(someone ? { authorization: `Bearer ${someone.token}` } : {}),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      return { status: response.status, body: text === "" ? undefined : JSON.parse(text) };
    };
    return {
      get: (path: string) => send("GET", path),
      post: (path: string, body: unknown) => send("POST", path, body),
      delete: (path: string) => send("DELETE", path),
    };
  };
}

let clusters = 0;

/** A valid body for each provider, with a new name unless one is given. */
export const bodyFor = (cloudProvider: "AWS" | "AZURE" | "GCP" = "AWS", given: object = {}) => ({
  cloudProvider,
  name: `cluster ${++clusters}`,
  type: "DEDICATED",
  ...{
    AWS: { region: "us-east-1", vpcSubnetRange: "172.20.0.0/20" },
    AZURE: { region: "eastus2", vpcSubnetRange: "172.20.0.0/19" },
    GCP: {
      region: "us-central1",
      vpcSubnetRange: "172.20.0.0/22",
      podSubnetRange: "172.21.0.0/19",
      serviceSubnetRange: "172.22.0.0/22",
      servicePeeringRange: "172.23.0.0/20",
    },
  }[cloudProvider],
  ...given,
});
