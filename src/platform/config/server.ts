import { z } from "zod";
import { isNetwork } from "../input/network.ts";
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
  trustedProxies: setting(
    z.array(z.string().refine(isNetwork)),
    [],
    "Addresses and ranges of the reverse proxies in front of Houston, such as an ingress. Only their `x-forwarded-for` says who the client is, in the access log, in the audit log and for the limits of sign-in; without it, everyone behind a proxy counts as one client. Everything in the list must overwrite or append to that header.",
    { allowed: "a list of IP addresses and ranges such as 10.0.0.0/8 or fd00::/8" },
  ),
  endpoint: stringMatching(
    /^\/[\w./-]*$/,
    "a path such as /v1",
    "/v1",
    "Path of the GraphQL API and of GraphQL Playground.",
  ),
  alphaEndpoint: stringMatching(
    /^\/[\w./-]*$/,
    "a path such as /alpha",
    "/alpha",
    "Path of the alpha API and of its GraphQL Playground. Must differ from `webserver.endpoint`.",
  ),
  subscriptions: stringMatching(
    /^\/[\w./-]*$/,
    "a path such as /ws",
    "/ws",
    "Path of GraphQL subscriptions (WebSocket).",
  ),
  playground: flag(
    true,
    "Serves GraphQL Playground to browsers at `webserver.endpoint` and `webserver.alphaEndpoint`, and the page about the Platform API.",
  ),
  pages: flag(
    true,
    "Serves the pages for people (sign-in, invitations, new passwords, account) at `/app` and, with `helm.baseDomain`, at its host `<ui.subdomain>`. false: another program serves them there, to which the links in e-mails lead.",
  ),
  bodyLimit: integer(1_048_576, "Maximum size of a request body, in bytes.", 1_024),
  headerTimeout: milliseconds(10_000, "Time a client has to send the request headers, in milliseconds."),
  requestTimeout: milliseconds(30_000, "Time a client has to send a complete request, in milliseconds."),
  handlerTimeout: milliseconds(
    25_000,
    "Time Houston has to respond, in milliseconds. After that it responds with 503.",
  ),
  maxRequests: integer(
    300,
    "Maximum number of requests and operations over WebSockets in progress. Further ones are refused with 503 and `Retry-After`, so that those accepted are answered in time; probes are always answered. A request counts from when its body has been read until its response begins.",
    1,
  ),
  maxMeanTime: milliseconds(
    200,
    "When requests take longer than this on average, in milliseconds, fewer are accepted: as many as can be answered in this time, but at least 100 at once.",
  ),
  maxEventLoopDelay: milliseconds(
    250,
    "Mean delay of the event loop, in milliseconds, above which requests are refused in the same way. It must last for half a second: then the process has more to do than one CPU can.",
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
  anonymousIntrospection: setting(
    z.boolean().nullable(),
    null,
    "Answers introspection queries without a token, too. null: only with the embedded PostgreSQL, thus not in production. GraphQL Playground then shows the schema as soon as HTTP HEADERS contain a token.",
  ),
});

/** `limits.*`: how large a GraphQL document may be. */
export const limits = z.strictObject({
  tokens: integer(
    500,
    "Maximum number of tokens in a GraphQL document, without lists and objects in its arguments. The largest documented one, `upsertDeployment` with every argument, has 231.",
    1,
  ),
  literalTokens: integer(
    20_000,
    "Maximum number of tokens in lists and objects in the arguments of a GraphQL document. Every documented list fits: 1,000 environment variables have 12,001, and 10,000 IDs 10,001. Values of variables do not count.",
    1,
  ),
  depth: integer(
    10,
    "Maximum nesting depth of fields in an operation, with its fragments expanded. Fields below `__schema` do not count.",
    1,
  ),
  lists: integer(
    4,
    "Maximum number of lists of objects within each other. None may be selected within itself, such as the Deployments of a Workspace below one of them: rows would multiply.",
    1,
  ),
  aliases: integer(
    15,
    "Maximum number of aliases in an operation, with its fragments expanded; those of `__typename` count too.",
    0,
  ),
  repetitions: integer(
    15,
    "Maximum number of times that an operation may select a field in the same place, under any alias, with its fragments expanded.",
    1,
  ),
  directives: integer(
    8,
    "Maximum number of directives in an operation, with its fragments expanded. `@include` and `@skip` in introspection do not count.",
    0,
  ),
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
    3_000,
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
