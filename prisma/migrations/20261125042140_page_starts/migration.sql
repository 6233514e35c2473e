-- CreateTable
CREATE TABLE "RowCount" (
    "id" SERIAL NOT NULL,
    "table" TEXT NOT NULL,
    "clusterId" TEXT NOT NULL DEFAULT '',
    "level" INTEGER NOT NULL,
    "span" BIGINT NOT NULL,
    "rows" INTEGER NOT NULL,

    CONSTRAINT "RowCount_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "RowCount_table_level_span_idx" ON "RowCount"("table", "level", "span");

-- By hand from here: triggers and functions, which schema.prisma cannot say.

CREATE FUNCTION span_of(created timestamp, level integer) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
  SELECT floor(extract(epoch FROM created) * 1000)::bigint >> (38 - 8 * level)
$$;

-- Adds to the count of a span. Of the rows about it one that nobody holds is taken, so writers never wait for each other.
CREATE FUNCTION add_to_row_count(counted text, cluster text, at_level integer, at_span bigint, change integer)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  own integer;
  now_there integer;
BEGIN
  UPDATE "RowCount" SET rows = rows + change
    WHERE id = (
      SELECT c.id FROM "RowCount" c
      WHERE c."table" = counted AND c.level = at_level AND c.span = at_span AND c."clusterId" = cluster
      LIMIT 1 FOR UPDATE SKIP LOCKED
    )
    RETURNING id, rows INTO own, now_there;
  IF NOT FOUND THEN
    INSERT INTO "RowCount" ("table", "clusterId", level, span, rows) VALUES (counted, cluster, at_level, at_span, change);
  ELSIF now_there = 0 THEN
    DELETE FROM "RowCount" WHERE id = own;
  END IF;
END
$$;

-- After a statement that inserted or deleted rows.
CREATE FUNCTION count_rows_of_statement() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  sign integer := CASE TG_OP WHEN 'INSERT' THEN 1 ELSE -1 END;
BEGIN
  IF TG_TABLE_NAME = 'Deployment' THEN
    PERFORM add_to_row_count('Deployment', g.cluster, g.level, g.span, g.rows)
      FROM (
        SELECT c."clusterId" AS cluster, level, span_of(c."createdAt", level) AS span, sign * count(*)::integer AS rows
        FROM changed c, generate_series(1, 3) level WHERE c."deletedAt" IS NULL GROUP BY 1, 2, 3
      ) g;
  ELSE
    PERFORM add_to_row_count(TG_TABLE_NAME, '', g.level, g.span, g.rows)
      FROM (
        SELECT level, span_of(c."createdAt", level) AS span, sign * count(*)::integer AS rows
        FROM changed c, generate_series(1, 3) level GROUP BY 1, 2
      ) g;
  END IF;
  RETURN NULL;
END
$$;

-- After a row changed its place: from one cluster or time to another, or out of the list when it is deleted and back.
CREATE FUNCTION count_moved_row() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  was jsonb := to_jsonb(OLD);
  is_now jsonb := to_jsonb(NEW);
BEGIN
  IF was->>'deletedAt' IS NULL THEN
    PERFORM add_to_row_count(TG_TABLE_NAME, coalesce(was->>'clusterId', ''), level, span_of(OLD."createdAt", level), -1)
      FROM generate_series(1, 3) level;
  END IF;
  IF is_now->>'deletedAt' IS NULL THEN
    PERFORM add_to_row_count(TG_TABLE_NAME, coalesce(is_now->>'clusterId', ''), level, span_of(NEW."createdAt", level), 1)
      FROM generate_series(1, 3) level;
  END IF;
  RETURN NULL;
END
$$;

CREATE TRIGGER "Deployment_inserted" AFTER INSERT ON "Deployment" REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION count_rows_of_statement();
CREATE TRIGGER "Deployment_gone" AFTER DELETE ON "Deployment" REFERENCING OLD TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION count_rows_of_statement();
CREATE TRIGGER "Deployment_moved" AFTER UPDATE OF "deletedAt", "clusterId", "createdAt" ON "Deployment"
  FOR EACH ROW WHEN ((OLD."deletedAt" IS NULL) <> (NEW."deletedAt" IS NULL)
    OR OLD."clusterId" <> NEW."clusterId" OR OLD."createdAt" <> NEW."createdAt")
  EXECUTE FUNCTION count_moved_row();
CREATE TRIGGER "Workspace_inserted" AFTER INSERT ON "Workspace" REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION count_rows_of_statement();
CREATE TRIGGER "Workspace_gone" AFTER DELETE ON "Workspace" REFERENCING OLD TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION count_rows_of_statement();
CREATE TRIGGER "Workspace_moved" AFTER UPDATE OF "createdAt" ON "Workspace"
  FOR EACH ROW WHEN (OLD."createdAt" <> NEW."createdAt") EXECUTE FUNCTION count_moved_row();

-- The counts as the tables have them now.
CREATE VIEW "RowCountNow" AS
  SELECT 'Deployment' AS "table", d."clusterId", level, span_of(d."createdAt", level) AS span, count(*)::integer AS rows
    FROM "Deployment" d, generate_series(1, 3) level WHERE d."deletedAt" IS NULL GROUP BY 2, 3, 4
  UNION ALL
  SELECT 'Workspace', '', level, span_of(w."createdAt", level), count(*)::integer
    FROM "Workspace" w, generate_series(1, 3) level GROUP BY 3, 4;

-- Puts the counts right, which are wrong only after rows were loaded with triggers off; tells whether they were.
CREATE FUNCTION recount_rows() RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM (
    SELECT "table", "clusterId", level, span, sum(rows) AS rows FROM "RowCount" GROUP BY 1, 2, 3, 4 HAVING sum(rows) <> 0
  ) kept FULL JOIN "RowCountNow" USING ("table", "clusterId", level, span, rows)
  WHERE kept.rows IS NULL OR "RowCountNow".rows IS NULL
  LIMIT 1;
  IF NOT FOUND THEN RETURN false; END IF;
  -- In the order in which writers take them, and one recount at a time: two would both insert.
  LOCK TABLE "Workspace", "Deployment" IN SHARE ROW EXCLUSIVE MODE;
  DELETE FROM "RowCount";
  INSERT INTO "RowCount" ("table", "clusterId", level, span, rows)
    SELECT "table", "clusterId", level, span, rows FROM "RowCountNow";
  RETURN true;
END
$$;

SELECT recount_rows();

-- Where a page begins that skips rows of a list in the order of their creation (backwards: from its end): rows created at `bound`
-- or later (before it), of which the first `rest` are still to be skipped. No bound: the list has no such page.
-- At most 256 spans of each level are added up, whatever the number of rows. `cluster` NULL: those of all clusters.
CREATE FUNCTION page_start(
  counted text, cluster text, skipped bigint, backwards boolean, OUT bound timestamp, OUT rest bigint
) LANGUAGE plpgsql STABLE AS $$
DECLARE
  -- The spans of the level to look at.
  low bigint := -(1::bigint << 60);
  high bigint := 1::bigint << 60;
  chosen bigint;
BEGIN
  rest := skipped;
  FOR at_level IN 1..3 LOOP
    SELECT s.span, rest - s.before INTO chosen, rest
      FROM (
        SELECT c.span,
          sum(sum(c.rows)) OVER upto AS through,
          sum(sum(c.rows)) OVER upto - sum(c.rows) AS before
        FROM "RowCount" c
        WHERE c."table" = counted AND c.level = at_level AND c.span BETWEEN low AND high
          AND (cluster IS NULL OR c."clusterId" = cluster)
        GROUP BY c.span HAVING sum(c.rows) > 0
        WINDOW upto AS (ORDER BY CASE WHEN backwards THEN -c.span ELSE c.span END)
      ) s
      WHERE s.through > rest ORDER BY s.through LIMIT 1;
    EXIT WHEN chosen IS NULL;
    low := chosen << 8;
    high := low + 255;
  END LOOP;
  bound := timestamp 'epoch' + ((chosen + backwards::integer) << 14) * interval '1 millisecond';
END
$$;
