import { type Config, pagesUrl } from "../../../platform/config/config.ts";
import type { WantedDeployment } from "../wanted/wanted.ts";
import { webComponent } from "./components.ts";
import { helmSetting } from "./helmOverrides.ts";
import { houstonUrl } from "./signIn.ts";
import type { HelmValues } from "./valuesContext.ts";
import { isAirflow3, takesTokens } from "./version.ts";

const NGINX = "nginx.ingress.kubernetes.io";

/** Whether the web pages of Deployments have an ingress. */
export const hasIngress = ({ settings }: Pick<WantedDeployment, "settings">): boolean =>
  helmSetting(settings, "ingress", "enabled") !== false;

/** The ingress of the web pages, which asks Houston about each request (docs/edge.md), and who may reach their pods. */
export function ingressValues(wanted: WantedDeployment, config: Config): HelmValues {
  const { settings, releaseName, baseDomain } = wanted;
  const { className, tlsSecretName, annotations, namespaces } = settings.ingress;
  const page = (name: string) => ({
    enabled: hasIngress(wanted),
    annotations: {
      [`${NGINX}/auth-url`]: houstonUrl(config, wanted, "authorization"),
      [`${NGINX}/auth-signin`]: `${pagesUrl(config)}/login`,
      // Houston's token would take the place of Airflow's own where Airflow does not know it.
      ...(takesTokens(wanted) && { [`${NGINX}/auth-response-headers`]: "authorization, username, email" }),
      ...annotations,
    },
    path: `/${releaseName}/${name}`,
    pathType: "Prefix",
    hosts: [
      {
        name: `${settings.subdomain}.${baseDomain.replace(/:\d+$/, "")}`,
        tls: { enabled: tlsSecretName !== null, ...(tlsSecretName !== null && { secretName: tlsSecretName }) },
      },
    ],
    ...(className !== null && { ingressClassName: className }),
  });
  const hasFlower = wanted.config.executor === "CeleryExecutor";
  const pages = [webComponent(wanted), ...(hasFlower ? ["flower"] : [])];
  const from = namespaces.map((name) => ({
    namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": name } },
  }));
  return {
    ingress: {
      [isAirflow3(wanted) ? "apiServer" : "web"]: page("airflow"),
      flower: hasFlower ? page("flower") : { enabled: false },
    },
    networkPolicies: { enabled: namespaces.length > 0 },
    ...(namespaces.length > 0 &&
      Object.fromEntries(pages.map((name) => [name, { networkPolicy: { ingress: { from } } }]))),
  };
}
