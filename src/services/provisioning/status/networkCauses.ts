/** Codes of Node for a server that cannot be reached, in words about the server. */
export const networkCauses: ReadonlyMap<string, string> = new Map([
  ["ECONNREFUSED", "it refuses connections"],
  ["ECONNRESET", "it has closed the connection"],
  ["ENOTFOUND", "its host name is unknown"],
  ["EAI_AGAIN", "its host name cannot be looked up"],
  ["EHOSTUNREACH", "there is no route to it"],
  ["ENETUNREACH", "there is no route to it"],
  ["ETIMEDOUT", "it does not answer"],
]);
