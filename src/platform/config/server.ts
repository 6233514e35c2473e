import { z } from "zod";
import { flag, formed, milliseconds, port, setting, text, whole } from "./setting.ts";

/** `webserver.*`: the two ports and what one request may cost. */
export const webserver = z.strictObject({
  host: text("0.0.0.0", "Address both ports listen on. `127.0.0.1` keeps them on this machine."),
  port: port(8871, "Port of the API. 0 takes any free one."),
  operationsPort: port(8872, "Port of metrics and probes; an ingress should not expose it. 0 takes any free one."),
  endpoint: formed(/^\/[\w./-]*$/, "a path such as /v1", "/v1", "Path of the GraphQL API and of its Playground."),
  subscriptions: formed(/^\/[\w./-]*$/, "a path such as /ws", "/ws", "Path of GraphQL subscriptions (WebSocket)."),
  playground: flag(true, "Serve GraphQL Playground to browsers on `webserver.endpoint`."),
  bodyLimit: whole(1_048_576, "Largest request body, in bytes.", 1_024),
  headerTimeout: milliseconds(10_000, "Time a client has to send its headers, in milliseconds."),
  requestTimeout: milliseconds(30_000, "Time a client has to send a whole request, in milliseconds."),
  handlerTimeout: milliseconds(25_000, "Time Houston has for an answer, in milliseconds; then it answers 503."),
  drainDelay: whole(
    5_000,
    "Time between SIGTERM and the end of listening, in milliseconds, so that load balancers notice that `/readyz` fails.",
  ),
  drainTimeout: milliseconds(
    20_000,
    "Time that requests and jobs under way get to finish after that, in milliseconds.",
  ),
});

const Origin = z.string().regex(/^https?:\/\/[^/\s*]+$/, "an origin such as https://app.example.com");

/** `cors.*`. */
export const cors = z.strictObject({
  allowedOrigins: setting(
    z.array(Origin),
    [],
    "Origins whose pages may call the API from a browser, beside the platform's own. Compared as a whole.",
    { allowed: "a list of origins such as https://app.example.com, without path or wildcard" },
  ),
});

/** `fastPath.*`. */
export const fastPath = z.strictObject({
  enabled: flag(
    true,
    "Answer documents that were validated before, and that are one read or one write, with one SQL statement instead of through Apollo. Turn it off to find out whether it causes a problem.",
  ),
});

/** `logging.*`. */
export const logging = z.strictObject({
  level: setting(
    z.enum(["fatal", "error", "warn", "info", "debug", "trace", "silent"]),
    "info",
    "Least important level that is logged.",
  ),
});

/** `apollo.*`. */
export const apollo = z.strictObject({
  introspection: flag(true, "Answer introspection queries. GraphQL Playground shows no schema without them."),
});

/** `limits.*`: how large a GraphQL document may be. */
export const limits = z.strictObject({
  tokens: whole(
    500,
    "Most tokens in one GraphQL document. The largest one that is documented, `upsertDeployment` with every argument, has 231.",
    1,
  ),
  depth: whole(10, "Deepest nesting of fields in one document.", 1),
  aliases: whole(15, "Most aliases in one document.", 0),
  directives: whole(8, "Most directives in one document.", 0),
  errors: whole(5, "Most errors that the check of one document reports.", 1),
});

/** `subscriptions.*`: what follows over WebSockets at `webserver.subscriptions`. */
export const subscriptions = z.strictObject({
  maxSockets: whole(10_000, "Most WebSockets at the same time; further ones are answered 503.", 1),
  perSocket: whole(20, "Most operations at the same time on one WebSocket.", 1),
  recheckInterval: milliseconds(
    10_000,
    "Time between two looks at whether a subscriber still has the right to what it follows, in milliseconds. One who loses a role, a session or a key is looked at within a second anyway.",
  ),
  initTimeout: milliseconds(
    10_000,
    "Time a client has to introduce itself on a new WebSocket, in milliseconds; one that gave no token and asks nothing is cut off after about as long.",
  ),
  pingInterval: milliseconds(
    30_000,
    "Time between two signs of life on a WebSocket, in milliseconds; a client that missed one is cut off.",
  ),
});

/** `prometheus.*`. */
export const prometheus = z.strictObject({
  enabled: flag(false, "Metrics of Deployments come from Prometheus; `appConfig.prometheusEnabled` tells clients."),
  host: text("localhost", "Where Prometheus is: a name or an address."),
  port: whole(9090, "The port of Prometheus.", 1, 65_535),
  pollInterval: milliseconds(30_000, "Time between two answers of the subscription `metrics`, in milliseconds."),
});

/** `elasticsearch.*`. */
export const elasticsearch = z.strictObject({
  enabled: flag(
    false,
    "Logs of Deployments come from Elasticsearch or OpenSearch at `elasticsearch.client.node`; `appConfig.elasticSearchEnabled` tells clients.",
  ),
  client: z.strictObject({
    node: setting(
      z
        .string()
        .regex(/^https?:\/\/[^\s/?#]+(\/[^\s?#]*)?$/)
        .nullable(),
      null,
      "Address of Elasticsearch, with user and password where it wants them: `https://user:password@elasticsearch:9200`.",
      { allowed: "an http or https address, or null", secret: true },
    ),
  }),
  index: formed(
    /^[^\s/?#]*\{releaseName\}[^\s/?#]*$/,
    "names of indices that hold {releaseName}",
    "fluentd.{releaseName}.*,vector.{releaseName}.*",
    "The indices that hold a Deployment's log lines, with commas between them. A line has `@timestamp`, `release`, `component` and `message`; only those whose `release` is the Deployment's are shown.",
  ),
  pollInterval: milliseconds(1_000, "Time between two looks for new log lines, in milliseconds."),
});
