/** What a person who starts Houston in a terminal wants to know. The commands work as printed. */
export function welcome(address: { url: string; endpoint: string; playground: boolean; hasUsers: boolean }): string {
  const api = `${address.url}${address.endpoint}`;
  const post = (query: string) =>
    `  curl -s ${api} -H 'content-type: application/json' -d '${JSON.stringify({ query })}'`;
  const signUp = 'mutation { createUser(email: "admin@example.com", password: "change-me-now") { token { value } } }';
  return [
    `Houston is ready at ${api}`,
    ...(address.playground ? [`GraphQL Playground: open ${api} in a browser`] : []),
    "",
    "Ask it something:",
    post("{ appConfig { version baseDomain } }"),
    ...(address.hasUsers
      ? []
      : [
          "",
          "Create the first user, who becomes System Admin (with your own e-mail and password):",
          post(signUp),
          'The answer\'s token goes into the header "authorization" of later requests.',
        ]),
    "",
  ].join("\n");
}
