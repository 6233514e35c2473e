/** First steps, printed when Houston is started in a terminal. The commands work as printed. */
export function welcome(address: { url: string; endpoint: string; playground: boolean; hasUsers: boolean }): string {
  const api = `${address.url}${address.endpoint}`;
  const post = (query: string) =>
    `  curl -s ${api} -H 'content-type: application/json' -d '${JSON.stringify({ query })}'`;
  const signUp = 'mutation { createUser(email: "admin@example.com", password: "change-me-now") { token { value } } }';
  return [
    `Houston is ready at ${api}`,
    ...(address.playground ? [`GraphQL Playground: open ${api} in a browser`] : []),
    "",
    "Try a query:",
    post("{ appConfig { version baseDomain } }"),
    ...(address.hasUsers
      ? []
      : [
          "",
          "Create the first user, who becomes System Admin (use your own e-mail address and password):",
          post(signUp),
          'Send the returned token in the "authorization" header of later requests.',
        ]),
    "",
  ].join("\n");
}
