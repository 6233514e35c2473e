-- Tells every Houston on this database who may have lost rights (src/events/rightsEvents.ts): the id of a user or service account, or
-- nothing for everyone. Rights that are gained need no notice. Equal ones of a transaction are one.
-- Transactions that notify commit one after the other, so none does while no Houston holds the lock of those that listen.
CREATE FUNCTION notify_rights_lost() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF pg_try_advisory_lock(7452729) THEN
    PERFORM pg_advisory_unlock(7452729);
    RETURN NULL;
  END IF;
  PERFORM pg_notify('rights_lost', CASE TG_TABLE_NAME
    WHEN 'User' THEN to_jsonb(OLD)->>'id'
    WHEN 'ServiceAccount' THEN to_jsonb(OLD)->>'id'
    -- A team's binding is everyone's.
    ELSE coalesce(to_jsonb(OLD)->>'userId', to_jsonb(OLD)->>'serviceAccountId', '')
  END);
  RETURN NULL;
END
$$;

CREATE TRIGGER "RoleBinding_lost" AFTER DELETE ON "RoleBinding"
  FOR EACH ROW EXECUTE FUNCTION notify_rights_lost();
CREATE TRIGGER "RoleBinding_changed" AFTER UPDATE OF "role" ON "RoleBinding"
  FOR EACH ROW WHEN (OLD."role" IS DISTINCT FROM NEW."role") EXECUTE FUNCTION notify_rights_lost();
CREATE TRIGGER "TeamMember_lost" AFTER DELETE ON "TeamMember"
  FOR EACH ROW EXECUTE FUNCTION notify_rights_lost();
CREATE TRIGGER "Session_lost" AFTER DELETE ON "Session"
  FOR EACH ROW EXECUTE FUNCTION notify_rights_lost();
CREATE TRIGGER "User_status_changed" AFTER UPDATE OF "status" ON "User"
  FOR EACH ROW WHEN (OLD."status" IS DISTINCT FROM NEW."status") EXECUTE FUNCTION notify_rights_lost();
CREATE TRIGGER "ServiceAccount_lost" AFTER DELETE ON "ServiceAccount"
  FOR EACH ROW EXECUTE FUNCTION notify_rights_lost();
CREATE TRIGGER "ServiceAccount_changed" AFTER UPDATE OF "active", "keyHash" ON "ServiceAccount"
  FOR EACH ROW WHEN (OLD."active" IS DISTINCT FROM NEW."active" OR OLD."keyHash" IS DISTINCT FROM NEW."keyHash")
  EXECUTE FUNCTION notify_rights_lost();
