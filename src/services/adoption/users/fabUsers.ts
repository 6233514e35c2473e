import { queryMetadata } from "./metadataConnection.ts";

/** A user of an Airflow whose users are kept by Flask-AppBuilder, as in Airflow 2 and with the provider of Airflow 3. */
export interface FabUser {
  username: string;
  email: string;
  fullName: string;
  active: boolean;
  roles: string[];
}

/** Maximum number of users. */
export const MAX_USERS = 10_000;

/** Texts have at most 256 characters there. */
const SELECT = `
  SELECT u.username, lower(trim(u.email)) AS email, trim(concat_ws(' ', u.first_name, u.last_name)) AS "fullName",
    coalesce(u.active, false) AS active,
    coalesce(array_agg(r.name::text ORDER BY r.name) FILTER (WHERE r.name IS NOT NULL), '{}') AS roles
  FROM ab_user u LEFT JOIN ab_user_role ur ON ur.user_id = u.id LEFT JOIN ab_role r ON r.id = ur.role_id
  GROUP BY u.id ORDER BY u.username LIMIT ${MAX_USERS}`;

/** The users in a metadata database, sorted by username; at most 10,000. Throws UnreadableDatabase. */
export const fabUsers = (url: string): Promise<FabUser[]> => queryMetadata<FabUser>(url, SELECT);
