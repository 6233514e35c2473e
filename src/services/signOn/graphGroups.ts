import { type Configuration, clientCredentialsGrant } from "openid-client";
import type { Config } from "../../platform/config/config.ts";
import type { Fetch } from "./boundedFetch.ts";

/**
 * The IDs of all groups of a person, from Microsoft Graph: a token has room for 200. Throws if Graph does not answer. The
 * address of the groups in the token is not used: it is that of an older API, and whoever makes tokens could choose it.
 */
export async function graphGroups(
  connection: Configuration,
  { graphUrl }: Pick<Config["auth"]["openidConnect"]["microsoft"], "graphUrl">,
  oid: string,
  fetchFromProvider: Fetch,
): Promise<readonly string[]> {
  const graph = graphUrl.replace(/\/+$/, "");
  const { access_token } = await clientCredentialsGrant(connection, { scope: `${graph}/.default` });
  const response = await fetchFromProvider(`${graph}/v1.0/users/${encodeURIComponent(oid)}/getMemberObjects`, {
    method: "POST",
    headers: { authorization: `Bearer ${access_token}`, "content-type": "application/json" },
    body: JSON.stringify({ securityEnabledOnly: true }),
  });
  if (response.status !== 200) throw new Error(`Microsoft Graph answered with HTTP status ${response.status}`);
  const { value } = (await response.json()) as { value: unknown };
  if (!Array.isArray(value)) throw new Error("Microsoft Graph did not answer with a list");
  return value.filter((id) => typeof id === "string");
}
