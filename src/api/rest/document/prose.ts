/** What the document says at its beginning, in Markdown. */
export const about = `The REST API of Houston, compatible with version v1beta1 of Astro's Platform API.

**Authentication.** Send the token of a user or the API key of a service account as \`Authorization: Bearer <token>\`.

**Organizations.** All objects belong to an Organization, whose ID is part of every path. A caller who does not belong to
it gets 403. In it, what the caller may not see does not exist: 404.

**Lists** have \`offset\`, \`limit\` and \`sorts\`, and return the number of all rows as \`totalCount\`.

**Errors** have the format of the schema \`Error\`. Unknown parameters and fields are rejected.`;

/** The groups of operations, in the order in which the document shows them. */
export const tags: readonly { name: string; description: string }[] = [
  { name: "organization", description: "What all other objects belong to." },
  { name: "workspace", description: "Groups of users and their Deployments." },
  { name: "cluster", description: "Where Deployments run." },
  { name: "deployment", description: "Installations of Apache Airflow." },
  { name: "options", description: "What can be chosen for clusters and Deployments." },
];
