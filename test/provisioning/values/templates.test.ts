import { describe, expect, it } from "vitest";
import { objectsOf } from "../../../src/services/provisioning/objects/objectsOf.ts";
import type { WantedDeployment } from "../../../src/services/provisioning/wanted/wanted.ts";
import { connections, keys, platform, signIn, wantedDeployment } from "../wantedDeployment.ts";

const TEMPLATE = '{{ lookup "v1" "Secret" "kube-system" "" }}';

/** What the charts get to see, as one text. */
function valuesOf(given: Partial<WantedDeployment>, config = platform()): string {
  const { objects } = objectsOf(wantedDeployment(config, given), keys, connections, {
    config,
    signIn,
    onFailedUpgrade: "retry",
  });
  const secret = objects.find(({ metadata }) => metadata.name.endsWith("-values"));
  return Buffer.from(secret?.data?.["values.yaml"] ?? "", "base64").toString();
}

describe("a template of Helm in a user's text", () => {
  it.each([
    ["the location of a volume", { dagDeployment: { type: "volume", nfsLocation: `nfs:/${TEMPLATE}` } }],
    ["a repository", { dagDeployment: { type: "git_sync", repositoryUrl: `https://example.com/${TEMPLATE}` } }],
    [
      "a folder of DAGs",
      {
        dagDeployment: { type: "git_sync", repositoryUrl: "https://example.com/a", dagDirectoryLocation: TEMPLATE },
      },
    ],
    ["an image", { image: `registry.example.com/a{{.Values}}:1` }],
    ["a cloud role", { cloudRole: TEMPLATE }],
  ] as [string, Partial<WantedDeployment>][])("is refused in %s", (_, given) => {
    const config = platform({ deployments: { serviceAccountAnnotationKey: "example.com/role" } });
    expect(() => valuesOf(given, config)).toThrow(/contains \{\{, which Helm would run as a template/);
  });

  it("never gets to the chart as a variable, which may have one for Airflow", () => {
    const variables = [{ key: "GREETING", value: "{{ ds }}", isSecret: false }];
    const values = valuesOf({ variables });
    expect(values).not.toContain("{{");
    expect(JSON.parse(values).secret).toContainEqual({
      envName: "GREETING",
      secretName: "quiet-comet-1000-houston-environment",
      secretKey: "GREETING",
    });
  });

  it("is an operator's to use", () => {
    const helm = { airflow: { extraEnv: "{{ .Release.Name }}" } };
    expect(valuesOf({}, platform({ deployments: { helm } as object }))).toContain("{{ .Release.Name }}");
  });
});

/** With it, a text that a chart writes into a block of YAML would go on outside of it, as a part of the object. */
describe("a line break of YAML that the chart does not expect", () => {
  const MORE = "kind: ClusterRoleBinding";

  it.each([
    [
      "a folder of DAGs",
      {
        dagDeployment: {
          ...{ type: "git_sync", repositoryUrl: "https://example.com/a" },
          dagDirectoryLocation: `dags\u2028${MORE}`,
        },
      },
    ],
    ["an image", { image: "registry.example.com/a\u0085kind:1" }],
    ["a cloud role", { cloudRole: `role\r${MORE}` }],
  ] as [string, Partial<WantedDeployment>][])("is refused in %s", (_, given) => {
    const config = platform({ deployments: { serviceAccountAnnotationKey: "example.com/role" } });
    expect(() => valuesOf(given, config)).toThrow(/contains a control character or an unusual line break/);
  });

  it("becomes a usual one in known hosts", () => {
    const knownHosts = ` a ssh-ed25519 A\r\nb ssh-ed25519 B\r${MORE}`;
    const values = valuesOf({
      dagDeployment: { type: "git_sync", repositoryUrl: "git@example.com:a/b.git", sshKey: "key", knownHosts },
    });
    expect(JSON.parse(values).dags.gitSync.knownHosts).toBe(`a ssh-ed25519 A\nb ssh-ed25519 B\n${MORE}`);
  });

  it("never gets to the chart as a variable", () => {
    const variables = ["\r", "\u0085", "\u2028", "\u2029", "\u007f"].map((text, index) => ({
      ...{ key: `KEY_${index}`, value: `a${text}b`, isSecret: false },
    }));
    const { env, secret } = JSON.parse(valuesOf({ variables }));
    expect(JSON.stringify(env)).not.toContain("KEY_");
    expect(secret).toHaveLength(5);
  });
});
