import { z } from "zod";
import { flag, port, setting, text } from "./setting.ts";

// Groups that Astronomer's chart has too. Houston hands them on with `flux.profile: astronomer`.

const ONLY = "Only in Astronomer's chart (`flux.profile`).";

/** Keys and values that are handed on as they are. */
const mapping = (description: string) =>
  setting(z.record(z.string(), z.json()), {}, description, { allowed: "a mapping" });

const quantity = (fallback: string, what: string) => text(fallback, `${what}, in the units of Kubernetes.`);

const resources = (of: string, memory: string, cpu: string) =>
  z.strictObject({
    limits: z.strictObject({ memory: quantity(memory, `Memory ${of}`), cpu: quantity(cpu, `CPU ${of}`) }),
    requests: z.strictObject({
      memory: quantity(memory, `Requested memory ${of}`),
      cpu: quantity(cpu, `Requested CPU ${of}`),
    }),
  });

/** `deployments.authSideCar.*`: a proxy in the pods of web pages that asks Houston about each request. */
export const authSideCar = z.strictObject({
  enabled: flag(
    false,
    `Adds a proxy that asks Houston about each request to the pods of web pages, for ingresses that cannot ask. ${ONLY}`,
  ),
  repository: text("nginxinc/nginx-unprivileged", "Repository of its image."),
  tag: text("stable", "Tag of its image."),
  pullPolicy: text("IfNotPresent", "When its image is pulled."),
  port: port(8084, "Port on which it listens."),
  annotations: mapping("Annotations of the ingress in front of it."),
  securityContext: mapping("Security context of its container."),
});

/** `deployments.dagDeploy.*`: the server and the clients of DAG-only deploys. */
export const dagDeploy = z.strictObject({
  enabled: flag(
    false,
    `Runs the server for DAGs that are deployed without an image in every Deployment, not only in those of that type. ${ONLY}`,
  ),
  images: z.strictObject({
    dagServer: z.strictObject({
      repository: text("quay.io/astronomer/ap-dag-deploy", "Repository of the server's image."),
      tag: text("0.3.0", "Tag of the server's image."),
      imagePullPolicy: text("IfNotPresent", "When the server's image is pulled."),
    }),
  }),
  server: z.strictObject({ resources: resources("of the server", "384Mi", "100m") }),
  client: z.strictObject({ resources: resources("of a client", "384Mi", "200m") }),
  securityContext: mapping("Security context of the server and the clients."),
});

/** `deployments.loggingSidecar.*`: containers that send logs to a log store. */
export const loggingSidecar = z.strictObject({
  enabled: flag(false, `Sends the logs of Airflow from a container beside it, not from the node. ${ONLY}`),
  name: text("sidecar-log-consumer", "Name of the container."),
  image: text("quay.io/astronomer/ap-vector:0.23.0", "Image of the container."),
  customConfig: flag(false, "The container has a configuration of your own."),
  extraEnv: setting(z.array(z.json()), [], "Environment variables of the container.", {
    allowed: "a list of environment variables",
    secret: true,
  }),
  indexPattern: text("%Y.%m.%d", "Date in the names of indexes."),
  indexNamePrefix: text("vector", "Prefix of the names of indexes."),
  securityContext: mapping("Security context of the container."),
  resources: resources("of the container", "384Mi", "100m"),
});
