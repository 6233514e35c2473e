import type { Someone } from "../support/as.ts";
import { createRest } from "../support/restCalls.ts";
import { HOME } from "./secondOrganization.ts";

/** `calls(admin).get("?limit=1")`: requests about the Deployments of the default Organization, or of the one at `home`. */
export function deploymentCalls(url: string) {
  const rest = createRest(url);
  return (someone: Someone, home: string = HOME) => ({
    get: (path: string) => rest(someone).get(`${home}/deployments${path}`),
    delete: (path: string) => rest(someone).delete(`${home}/deployments${path}`),
  });
}
