-- Tells every Houston on this database that a Deployment's status changed (src/events/statusEvents.ts).
CREATE FUNCTION notify_deployment_status() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify(
    'deployment_status',
    json_build_object('id', NEW.id, 'releaseName', NEW."releaseName", 'status', NEW.status)::text
  );
  RETURN NULL;
END
$$;

CREATE TRIGGER "Deployment_status_changed" AFTER UPDATE OF "status" ON "Deployment"
  FOR EACH ROW WHEN (OLD."status" IS DISTINCT FROM NEW."status")
  EXECUTE FUNCTION notify_deployment_status();
