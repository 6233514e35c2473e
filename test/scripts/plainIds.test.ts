import { expect, it } from "vitest";
import { withPlainIds } from "../../scripts/plainIds.ts";

const table = (name: string, id: string) => `-- CreateTable
CREATE TABLE "${name}" (
    "id" ${id},
    "text" TEXT NOT NULL DEFAULT '(;)',

    CONSTRAINT "${name}_pkey" PRIMARY KEY ("id")
);
`;

it("adds a check to each new table whose ID is text", () => {
  const sql = [table("Note", "TEXT NOT NULL"), table("Count", "SERIAL NOT NULL"), table("Tag", "TEXT NOT NULL")].join(
    "\n",
  );
  expect(withPlainIds(sql)).toBe(`${sql}
-- PlainIds
ALTER TABLE "Note" ADD CONSTRAINT "Note_id_plain" CHECK (id ~ '^[0-9A-Za-z_-]+$');
ALTER TABLE "Tag" ADD CONSTRAINT "Tag_id_plain" CHECK (id ~ '^[0-9A-Za-z_-]+$');
`);
});

it("leaves other migrations as they are", () => {
  const sql = `-- AlterTable\nALTER TABLE "Note" ADD COLUMN "id" TEXT;\n`;
  expect(withPlainIds(sql)).toBe(sql);
});
