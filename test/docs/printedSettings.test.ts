import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { parse } from "yaml";

it("docs/running.md names settings that exist", () => {
  const names = [...readFileSync("docs/running.md", "utf8").matchAll(/^([A-Z_]+)=/gm)].map(([, name = ""]) => name);
  const table = readFileSync("docs/first-deployment.md", "utf8");
  names.push(...[...table.matchAll(/`([A-Z]+__?[A-Z_]+)=\w+(?: npm start)?`/g)].map(([, name = ""]) => name));
  const known = readFileSync("docs/configuration.md", "utf8");
  expect(names.length).toBeGreaterThan(8);
  expect(names.filter((name) => !known.includes(`\`${name}\``))).toEqual([]);
});

it("docker-compose.yml sets the secrets that a database of its own requires", () => {
  const { services } = parse(readFileSync("docker-compose.yml", "utf8"));
  expect(services.houston.environment).toMatchObject({
    DATABASE_URL: expect.any(String),
    JWT__SECRET: expect.any(String),
    ENCRYPTION__KEYS: expect.any(String),
  });
});
