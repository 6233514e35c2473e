import { describe, expect, it } from "vitest";
import { configFrom } from "../../src/platform/config/config.ts";
import { chosenNamespace, defaultNamespace } from "../../src/services/deployments/lifecycle/namespace.ts";

const free = configFrom({
  deployments: { manualNamespaceNames: true, namespaceFreeFormEntry: true, preCreatedNamespaces: ["default"] },
});

describe("chosenNamespace", () => {
  it.each(["blue", "0-blue", "default"])("accepts %s when any namespace may be chosen", (namespace) => {
    expect(chosenNamespace(free, namespace)).toBe(namespace);
  });

  it.each(["Blue", "-blue", "blue-", "x".repeat(64), "kube-system", "astronomer"])(
    "rejects %s when any namespace may be chosen",
    (namespace) => {
      expect(() => chosenNamespace(free, namespace)).toThrow(
        /^namespace: must be a DNS label of at most 63 characters/,
      );
    },
  );

  it("rejects a namespace when namespaces cannot be chosen", () => {
    expect(chosenNamespace(configFrom(), undefined)).toBeUndefined();
    expect(() => chosenNamespace(configFrom(), "blue")).toThrow(
      "namespace: must be omitted: deployments.manualNamespaceNames is false on this platform",
    );
  });
});

describe("defaultNamespace", () => {
  it("follows the release name, or is the platform's own", () => {
    expect(defaultNamespace(configFrom(), "calm-moon-1234")).toBe("astronomer-calm-moon-1234");
    const single = configFrom({ helm: { singleNamespace: true, releaseNamespace: "acme" } });
    expect(defaultNamespace(single, "calm-moon-1234")).toBe("acme");
  });
});
