import { z } from "zod";
import { flag, integer, milliseconds, port, setting, stringMatching, text } from "./setting.ts";

/** `webserver.*`: the two ports and the limits of one request. */
export const webserver = z.strictObject({
  host: text("0.0.0.0", "Address that both ports listen on. With `127.0.0.1`, only this machine can connect."),
  port: port(8871, "Port of the API. 0: any free port."),
  operationsPort: port(8872, "Port of metrics and probes; an ingress should not expose it. 0: any free port."),
  publicUrl: setting(
    z
      .string()
      .regex(/^https?:\/\/[^\s/?#@]+(\/[^\s?#]*)?$/)
      .refine(URL.canParse)
      .nullable(),
    null,
    "URL at which users reach Houston. Links in e-mails and in responses have its scheme and port; without `helm.baseDomain` also its host. null: `http://localhost:<port>` without `helm.baseDomain`, otherwise the default port of the scheme.",
    { allowed: "an http or https URL such as https://houston.example.com:8443, or null" },
  ),
  endpoint: stringMatching(
    /^\/[\w./-]*$/,
    "a path such as /v1",
    "/v1",
    "Path of the GraphQL API and of GraphQL Playground.",
  ),
  subscriptions: stringMatching(
    /^\/[\w./-]*$/,
    "a path such as /ws",
    "/ws",
    "Path of GraphQL subscriptions (WebSocket).",
  ),
  playground: flag(
    true,
    "Serves GraphQL Playground to browsers at `webserver.endpoint`, and the page about the Platform API.",
  ),
  bodyLimit: integer(1_048_576, "Maximum size of a request body, in bytes.", 1_024),
  headerTimeout: milliseconds(10_000, "Time a client has to send the request headers, in milliseconds."),
  requestTimeout: milliseconds(30_000, "Time a client has to send a complete request, in milliseconds."),
  handlerTimeout: milliseconds(
    25_000,
    "Time Houston has to respond, in milliseconds. After that it responds with 503.",
  ),
  drainDelay: integer(
    5_000,
    "Time between SIGTERM and closing the ports, in milliseconds. Load balancers use it to notice that `/readyz` fails.",
  ),
  drainTimeout: milliseconds(20_000, "Time that running requests and jobs then have to finish, in milliseconds."),
});

const Origin = z.string().regex(/^https?:\/\/[^/\s*]+$/, "an origin such as https://app.example.com");

/** `cors.*`. */
export const cors = z.strictObject({
  allowedOrigins: setting(
    z.array(Origin),
    [],
    "Origins whose pages may call the API from a browser, in addition to the platform's own. Matched exactly.",
    { allowed: "a list of origins such as https://app.example.com, without paths or wildcards" },
  ),
});

/** `fastPath.*`. */
export const fastPath = z.strictObject({
  enabled: flag(
    true,
    "Runs operations that were validated before, and that are one read or one write, as one SQL statement without Apollo. Disable it to find out whether it causes a problem.",
  ),
});

/** `logging.*`. */
export const logging = z.strictObject({
  level: setting(
    z.enum(["fatal", "error", "warn", "info", "debug", "trace", "silent"]),
    "info",
    "Lowest level that is logged.",
  ),
});

/** `apollo.*`. */
export const apollo = z.strictObject({
  introspection: flag(true, "Answers introspection queries. GraphQL Playground needs them to show the schema."),
});

/** `limits.*`: how large a GraphQL document may be. */
export const limits = z.strictObject({
  tokens: integer(
    1_000,
    "Maximum number of tokens in a GraphQL document, without lists and objects in its arguments. The largest documented one, `upsertDeployment` with every argument, has 231.",
    1,
  ),
  literalTokens: integer(
    20_000,
    "Maximum number of tokens in lists and objects in the arguments of a GraphQL document. Every documented list fits: 1,000 environment variables have 12,001, and 10,000 IDs 10,001. Values of variables do not count.",
    1,
  ),
  depth: integer(10, "Maximum nesting depth of fields in a document.", 1),
  aliases: integer(15, "Maximum number of aliases in a document.", 0),
  directives: integer(15, "Maximum number of directives in a document; introspection does not count.", 0),
  errors: integer(5, "Maximum number of validation errors reported for a document.", 1),
});

/** `subscriptions.*`: the WebSockets at `webserver.subscriptions`. */
export const subscriptions = z.strictObject({
  maxSockets: integer(10_000, "Maximum number of open WebSockets. Further ones are rejected with 503.", 1),
  perSocket: integer(20, "Maximum number of concurrent operations on one WebSocket.", 1),
  recheckInterval: milliseconds(
    10_000,
    "Interval of the permission checks of running subscriptions, in milliseconds. A subscriber who loses a role, a session or an API key is checked within a second in any case.",
  ),
  initTimeout: milliseconds(
    10_000,
    "Time a client has to send `connection_init` on a new WebSocket, in milliseconds. An anonymous connection without operations is closed after about the same time.",
  ),
  pingInterval: milliseconds(
    30_000,
    "Interval of the pings on a WebSocket, in milliseconds. A client that does not respond to one is disconnected.",
  ),
});

/** `prometheus.*`. */
export const prometheus = z.strictObject({
  enabled: flag(
    false,
    "Reads metrics of Deployments from Prometheus. Clients see it as `appConfig.prometheusEnabled`.",
  ),
  host: text("localhost", "Host name or IP address of Prometheus."),
  port: integer(9090, "Port of Prometheus.", 1, 65_535),
  pollInterval: milliseconds(30_000, "Interval of the events of the subscription `metrics`, in milliseconds."),
});

/** `elasticsearch.*`. */
export const elasticsearch = z.strictObject({
  enabled: flag(
    false,
    "Reads logs of Deployments from Elasticsearch or OpenSearch at `elasticsearch.client.node`. Clients see it as `appConfig.elasticSearchEnabled`.",
  ),
  client: z.strictObject({
    node: setting(
      z
        .string()
        .regex(/^https?:\/\/[^\s/?#]+(\/[^\s?#]*)?$/)
        .nullable(),
      null,
      "URL of Elasticsearch, with user and password if required: `https://user:password@elasticsearch:9200`.",
      { allowed: "an http or https URL, or null", secret: true },
    ),
  }),
  index: stringMatching(
    /^[^\s/?#]*\{releaseName\}[^\s/?#]*$/,
    "index names that contain {releaseName}",
    "fluentd.{releaseName}.*,vector.{releaseName}.*",
    "Indices with the log lines of a Deployment, separated by commas. A line has `@timestamp`, `release`, `component` and `message`. Only lines whose `release` is the release name of the Deployment are shown.",
  ),
  pollInterval: milliseconds(1_000, "Interval at which new log lines are fetched, in milliseconds."),
});
