import { bench, numbers, people, releaseNameOf } from "./data.ts";
import type { Endpoint, Operation } from "./operation.ts";

export const A1: Operation<Endpoint> = {
  title: "an ingress asks about a page of Airflow; cookie, role held through a team, 10 Deployments in turn",
  target: {
    name: "A1",
    method: "GET",
    path: () => "/v1/authorization",
    headers: ({ releaseName }) => ({
      "x-original-url": `https://deployments.localhost/${releaseName}/airflow/static/app.js`,
    }),
    cookie: true,
    answeredIn: ["username", "email"],
  },
  calls: () =>
    numbers(bench.deployments).map((n) => ({ person: people.inTeam, variables: { releaseName: releaseNameOf(n) } })),
};
