-- Tells every Houston on this database also why a Deployment has its status (src/platform/events/statusEvents.ts).
CREATE OR REPLACE FUNCTION notify_deployment_status() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify(
    'deployment_status',
    json_build_object(
      'id', NEW.id, 'releaseName', NEW."releaseName", 'status', NEW.status, 'statusReason', NEW."statusReason"
    )::text
  );
  RETURN NULL;
END
$$;

DROP TRIGGER "Deployment_status_changed" ON "Deployment";
CREATE TRIGGER "Deployment_status_changed" AFTER UPDATE OF "status", "statusReason" ON "Deployment"
  FOR EACH ROW WHEN ((OLD."status", OLD."statusReason") IS DISTINCT FROM (NEW."status", NEW."statusReason"))
  EXECUTE FUNCTION notify_deployment_status();

-- A notification holds at most 8,000 bytes.
ALTER TABLE "Deployment" ADD CONSTRAINT "Deployment_statusReason_length" CHECK (length("statusReason") <= 1000);
