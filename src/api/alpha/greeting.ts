/** What the first tab of GraphQL Playground contains on the first visit of the page for the alpha API. */
export const greeting = `# The alpha API of Houston: Organizations and Clickstream.
# Ctrl-Enter runs the operation at the cursor, Ctrl-Space completes.
#
# Sign in:
#   mutation {
#     createToken(username: "you@example.com", password: "…") {
#       success message token
#     }
#   }
# Copy the token into HTTP HEADERS below, and for changes of an
# Organization its ID:
#   { "authorization": "<token>", "organization": "<id>" }

{
  organizations {
    id
    name
  }
}
`;
