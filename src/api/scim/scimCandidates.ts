import { bareToken, passwordOf } from "../edge/edgeCredential.ts";

/**
 * What may be the token in `authorization`: a bearer token, the password of Basic, and, because people paste what their
 * provider asks for in different ways, the token alone or the base64 of user and token after either word.
 */
export function scimCandidates(authorization: string): string[] {
  const bare = bareToken(authorization).replace(/^basic\s+/i, "");
  const password = passwordOf(`Basic ${bare}`);
  return [...new Set([bare, password])].filter((one) => one !== undefined && one !== "") as string[];
}
