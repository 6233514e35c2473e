/** What every session of Houston asks of PostgreSQL, as the start-up parameter `options`. */
export const SESSION_OPTIONS = [
  // Columns hold UTC without a zone, and CURRENT_TIMESTAMP in a default follows the session.
  "TimeZone=UTC",
  // Each statement of a transaction must see what has been committed until then, roles taken away above all.
  "default_transaction_isolation=read\\ committed",
  // Pages come from memory or solid disks: without a word PostgreSQL reads small tables whole instead of by index.
  "random_page_cost=1.1",
  "plan_cache_mode=force_generic_plan",
  "enable_seqscan=off",
  // Rows that are joined are looked up by id; to remember them costs more than to look them up.
  "enable_memoize=off",
]
  .map((setting) => `-c ${setting}`)
  .join(" ");
