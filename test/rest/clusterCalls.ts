import { DEFAULT_ORGANIZATION } from "../../src/access/scopePaths.ts";
import type { Someone } from "../support/as.ts";
import { createRest } from "../support/restCalls.ts";

/** `call(admin).post("/clusters", body)`: paths below the default Organization, or below the given one. */
export function createCalls(url: string) {
  const rest = createRest(url);
  return (someone: Someone, organizationId = DEFAULT_ORGANIZATION) => {
    const { get, post, delete: remove } = rest(someone);
    const below = (path: string) => `/organizations/${organizationId}${path}`;
    return {
      get: (path: string) => get(below(path)),
      post: (path: string, body: unknown) => post(below(path), body),
      delete: (path: string) => remove(below(path)),
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
