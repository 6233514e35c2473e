/** PostgreSQL settings of every Houston session, as the startup parameter `options`. */
export const SESSION_OPTIONS = [
  // Timestamp columns are UTC without a zone, and CURRENT_TIMESTAMP in a default uses the session's zone.
  "TimeZone=UTC",
  // Each statement of a transaction must see what was committed before it, especially revoked roles.
  "default_transaction_isolation=read\\ committed",
  // Pages come from memory or SSDs. With the default, PostgreSQL scans small tables instead of using their indexes.
  "random_page_cost=1.1",
  "plan_cache_mode=force_generic_plan",
  "enable_seqscan=off",
  // Joined rows are looked up by ID, which is cheaper than caching them.
  "enable_memoize=off",
]
  .map((setting) => `-c ${setting}`)
  .join(" ");
