import { createAs } from "./as.ts";

/** Signs the first user of a new Houston up, who becomes System Admin, and returns the token. */
export async function firstUser(url: string): Promise<string> {
  const { data, errors } = await createAs(url)(undefined).send(
    `mutation { createUser(email: "first@example.com", password: "correct horse battery") { token { value } } }`,
  );
  if (errors) throw new Error(JSON.stringify(errors));
  return data.createUser.token.value;
}
