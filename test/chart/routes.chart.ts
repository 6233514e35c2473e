import { describe, expect, it } from "vitest";
import { example, type KubernetesObject, render, type Values } from "../support/chart.ts";
import { testHouston } from "../support/houston.ts";

/** What an Ingress or HTTPRoute lets through. */
interface Allowed {
  path: string;
  exact: boolean;
}

const webserver = { endpoint: "/graphql", alphaEndpoint: "/first", subscriptions: "/graphql/sockets" };
const asPublished = await testHouston({ helm: { baseDomain: "example.com" } });
const renamed = await testHouston({ webserver, helm: { baseDomain: "example.com" } });

function ofIngress({ spec }: KubernetesObject): Allowed[] {
  const [rule] = spec.rules as { http: { paths: { path: string; pathType: string }[] } }[];
  return (rule?.http.paths ?? []).map(({ path, pathType }) => ({ path, exact: pathType === "Exact" }));
}

function ofRoute({ spec }: KubernetesObject): Allowed[] {
  const rules = spec.rules as { matches: { path: { type: string; value: string } }[] }[];
  return rules.flatMap(({ matches }) =>
    matches.map(({ path }) => ({ path: path.value, exact: path.type === "Exact" })),
  );
}

/** As the specifications of Ingress and of HTTPRoute define it: a prefix ends at a slash, or at the end. */
const isAllowed = (allowed: readonly Allowed[], path: string) =>
  allowed.some((entry) => path === entry.path || (!entry.exact && `${path}/`.startsWith(`${entry.path}/`)));

/** The paths of all routes that Houston has on the port of its API, on any host, from the tree in which Fastify shows them. */
function pathsOf({ app }: { app: { fastify: { printRoutes(options: object): string } } }): string[] {
  const parents: string[] = [];
  return app.fastify
    .printRoutes({ commonPrefix: false })
    .split("\n")
    .flatMap((line) => {
      const [, indent = "", part, methods] = /^([│ ]*)[├└]── (\S+)(?: \((.*?)\))?/.exec(line) ?? [];
      // The same path, for other hosts.
      if (part === undefined) return [];
      parents.splice(indent.length / 4, Number.POSITIVE_INFINITY, part);
      const path = parents.join("").replaceAll(/:\w+/g, "x").replace(/\*$/, "/rest").replaceAll("//", "/");
      return methods === undefined || methods === "OPTIONS" ? [] : [path];
    });
}

const cases = [
  { name: "as published", houston: asPublished, values: example("everything.yaml"), endpoint: "/v1" },
  { name: "with other paths", houston: renamed, values: { config: { webserver } } as Values, endpoint: "/graphql" },
];

describe.each(cases)("paths $name", ({ houston, values, endpoint }) => {
  const { only } = render({
    ...values,
    ingress: { enabled: true, hosts: ["houston.example.com"] },
    httpRoute: { enabled: true, parentRefs: [{ name: "public" }] },
  });
  const doors = [
    ["Ingress", ofIngress(only("Ingress"))],
    ["HTTPRoute", ofRoute(only("HTTPRoute"))],
  ] as const;

  it.each(doors)("an %s lets through every path of Houston but probes and alerts", (_kind, allowed) => {
    const paths = pathsOf(houston);
    expect(paths).toEqual(expect.arrayContaining([endpoint, `${endpoint}/audit-log`, "/app/login"]));
    // On the host of the pages, and for what has no page there.
    const unknown = /^\/(rest|app\/rest)$/;
    const blocked = paths.filter((path) => !isAllowed(allowed, path) && !unknown.test(path));
    expect(blocked.sort()).toEqual(["/healthz", "/readyz", `${endpoint}/healthz`].sort());
  });

  it.each(doors)("an %s lets through WebSockets and sign-in with a provider", (_kind, allowed) => {
    const { config } = houston;
    for (const path of [
      config.webserver.subscriptions,
      `${endpoint}/oauth/login`,
      `${endpoint}/registry/authorization`,
    ]) {
      expect(isAllowed(allowed, path), path).toBe(true);
    }
  });

  it.each(doors)("an %s lets nothing through to alerts, metrics and probes", (_kind, allowed) => {
    const inner = [
      `${endpoint}/alerts`,
      `${endpoint}/alerts/`,
      "/metrics",
      "/healthz",
      "/readyz",
      `${endpoint}/healthz`,
    ];
    for (const path of [...inner, `${endpoint}/anything`, "/anything", "//", `${endpoint}//alerts`]) {
      expect(isAllowed(allowed, path), path).toBe(false);
    }
  });
});

describe("ingress.yaml", () => {
  const { spec, metadata } = render(example("everything.yaml")).only("Ingress");

  it("sends every path of every host to the port of the API", () => {
    const rules = spec.rules as { host: string; http: { paths: { backend: unknown }[] } }[];
    expect(rules.map(({ host }) => host)).toEqual(["houston.example.com", "app.example.com"]);
    const backends = new Set(rules.flatMap(({ http }) => http.paths.map(({ backend }) => JSON.stringify(backend))));
    expect([...backends]).toEqual([JSON.stringify({ service: { name: "houston", port: { name: "http" } } })]);
    expect(spec).not.toHaveProperty("defaultBackend");
  });

  it("has the class, certificates and annotations that were set", () => {
    expect(spec).toMatchObject({
      ingressClassName: "nginx",
      tls: [{ secretName: "houston-tls", hosts: ["houston.example.com", "app.example.com"] }],
    });
    expect(metadata.annotations).toEqual({ "cert-manager.io/cluster-issuer": "letsencrypt" });
    const bare = render({ ingress: { enabled: true, hosts: ["houston.example.com"] } }).only("Ingress");
    expect(Object.keys(bare.spec)).toEqual(["rules"]);
  });

  it("exists only if it is enabled", () => {
    expect(render().kind("Ingress")).toEqual([]);
  });
});

describe("httproute.yaml", () => {
  const { spec, metadata } = render(example("everything.yaml")).only("HTTPRoute");

  it("sends every path to the port of the API, with at most 8 matches in a rule", () => {
    for (const { matches, backendRefs } of spec.rules as { matches: unknown[]; backendRefs: unknown }[]) {
      expect(matches.length).toBeLessThanOrEqual(8);
      expect(backendRefs).toEqual([{ name: "houston", port: 8871 }]);
    }
  });

  it("belongs to the Gateways and hosts that were set", () => {
    expect(spec).toMatchObject({
      parentRefs: [{ name: "public", namespace: "gateways", sectionName: "https" }],
      hostnames: ["houston.example.com", "app.example.com"],
    });
    expect(metadata.annotations).toEqual({ "example.com/c": "d" });
    const bare = render({ httpRoute: { enabled: true, parentRefs: [{ name: "public" }] }, service: { port: 80 } });
    expect(bare.only("HTTPRoute").spec).not.toHaveProperty("hostnames");
    expect(bare.only("HTTPRoute").spec.rules).toMatchObject([{ backendRefs: [{ port: 80 }] }, {}, {}]);
  });

  it("exists only if it is enabled", () => {
    expect(render().kind("HTTPRoute")).toEqual([]);
  });
});
