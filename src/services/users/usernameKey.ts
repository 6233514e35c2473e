/**
 * What no two usernames have in common: the name without regard to case and Unicode form (NFKC). Stored beside the name
 * under a unique index.
 */
export const usernameKey = (username: string): string => username.normalize("NFKC").toUpperCase().normalize("NFKC");
