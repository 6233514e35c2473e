import { expect } from "vitest";
import type { Config, DeepPartial } from "../../src/platform/config/config.ts";
import type { Someone } from "../support/as.ts";
import { testHouston } from "../support/houston.ts";
import { createRest } from "../support/restCalls.ts";
import { DEFAULT_CLUSTER, RUNTIME } from "./deploymentNames.ts";
import { ORGANIZATION } from "./examples.ts";

/** Starts Houston, with senders of requests about Deployments. */
export async function deploymentScene(overrides: DeepPartial<Config> = {}) {
  const houston = await testHouston(overrides);
  const { db, url } = houston;
  const rest = createRest(url);
  const send = async (someone: Someone, path: string, body?: unknown) => {
    const at = `/organizations/${ORGANIZATION}${path}`;
    return body === undefined ? rest(someone).get(at) : rest(someone).post(at, body);
  };
  let number = 0;
  /** A valid request for a Deployment of type STANDARD. */
  const standard = (workspaceId: string) => ({
    type: "STANDARD",
    name: `Deployment ${++number}`,
    workspaceId,
    astroRuntimeVersion: RUNTIME,
    executor: "CELERY",
    isCicdEnforced: false,
    isDagDeployEnabled: false,
    isHighAvailability: false,
    schedulerSize: "SMALL",
  });
  /** The same of type HYBRID, which the default cluster is. */
  const hybrid = (workspaceId: string) => {
    const { schedulerSize: _size, isHighAvailability: _available, ...rest } = standard(workspaceId);
    return { ...rest, type: "HYBRID", clusterId: DEFAULT_CLUSTER, scheduler: { au: 5, replicas: 1 } };
  };
  const cluster = (given: Record<string, unknown> & { name: string }) =>
    db.cluster.create({ data: { ...given, status: "ACTIVE" } });
  return {
    ...houston,
    standard,
    hybrid,
    cluster,
    rest,
    send,
    create: (someone: Someone, body: object) => send(someone, "/deployments", body),
    update: (someone: Someone, id: string, body: object) => send(someone, `/deployments/${id}`, body),
    get: (someone: Someone, id: string) => send(someone, `/deployments/${id}`),
    options: (someone: Someone, query = "") => send(someone, `/deployment-options${query}`),
    /** Creates it; returns the answer. */
    async created(someone: Someone, body: object) {
      const answer = await send(someone, "/deployments", body);
      expect(answer.status, answer.body.message).toBe(200);
      return answer.body;
    },
    /** What a request for a change of `body`, which was created, contains. */
    unchanged: ({
      astroRuntimeVersion: _v,
      clusterId: _c,
      ...body
    }: Record<string, unknown>): Record<string, unknown> => ({
      environmentVariables: [],
      ...body,
    }),
  };
}
