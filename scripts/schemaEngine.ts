import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { PrismaPg } from "@prisma/adapter-pg";
import { bindMigrationAwareSqlAdapterFactory, ColumnTypeEnum, DriverAdapterError } from "@prisma/driver-adapter-utils";
import type { SchemaEngine } from "@prisma/schema-engine-wasm";
import type pg from "pg";

const require = createRequire(import.meta.url);

/**
 * Prisma's schema engine, which compares databases with Prisma schemas; a development tool. It runs on `pool`, which it
 * modifies and nothing else may use, and has the given schemas loaded. It is instantiated by hand because importing the
 * package requires Node's flag for WebAssembly modules.
 */
export async function schemaEngine(
  pool: pg.Pool,
  schemas: readonly { path: string; content: string }[] = [],
): Promise<SchemaEngine> {
  loaded ??= load();
  const { SchemaEngine } = await loaded;
  const datamodels = schemas.length > 0 ? schemas.map((one): [string, string] => [one.path, one.content]) : undefined;
  // Each connect of the adapter adds a listener to the pool, and each migration connects.
  pool.setMaxListeners(0);
  const adapter = bindMigrationAwareSqlAdapterFactory(new EngineAdapter(pool));
  return SchemaEngine.new({ datamodels }, () => undefined, adapter);
}

const CHAR = 18;
const TEXT = 25;

/** Two fixes of the adapter for the engine. */
class EngineAdapter extends PrismaPg {
  override async connect() {
    const adapter = await super.connect();
    const pool = adapter.underlyingDriver();
    // The adapter splits scripts at every semicolon, even inside strings and functions. PostgreSQL parses them correctly.
    adapter.executeScript = async (script) => {
      await pool.query(script).catch((error) => {
        const { code = "", severity = "ERROR", message, detail, column, hint } = error as pg.DatabaseError;
        throw new DriverAdapterError({ kind: "postgres", code, severity, message, detail, column, hint });
      });
    };

    // The adapter does not know the type "char", which the engine reads from the catalog.
    let chars: number[] = [];
    const query: (request: string | pg.QueryConfig) => Promise<pg.QueryResult> = pool.query.bind(pool);
    const queryRaw = adapter.queryRaw.bind(adapter);
    const queryKnown = async (request: string | pg.QueryConfig) => {
      const result = await query(request);
      chars = (result.fields ?? []).flatMap((field, at) => (field.dataTypeID === CHAR ? [at] : []));
      for (const at of chars) Object.assign(result.fields[at] ?? {}, { dataTypeID: TEXT });
      return result;
    };
    Object.assign(pool, { query: queryKnown });
    adapter.queryRaw = async (request) => {
      const result = await queryRaw(request);
      for (const at of chars) result.columnTypes[at] = ColumnTypeEnum.Character;
      return result;
    };
    return adapter;
  }
}

// The part of WebAssembly that is used here; Node's types omit it.
type Exports = Record<string, () => void>;
const { WebAssembly } = globalThis as unknown as {
  WebAssembly: { instantiate(code: Uint8Array, imports: object): Promise<{ instance: { exports: Exports } }> };
};

type Glue = typeof import("@prisma/schema-engine-wasm") & { __wbg_set_wasm(exports: Exports): void };
let loaded: Promise<Glue> | undefined;

async function load(): Promise<Glue> {
  const glue: Glue = await import("@prisma/schema-engine-wasm/schema_engine_bg");
  const file = require.resolve("@prisma/schema-engine-wasm/schema_engine_bg").replace(/\.js$/, ".wasm");
  // The engine never clears the timer of its lock, which would keep a finished process waiting for 10 s.
  const timer = Object.keys(glue).filter((name) => name.startsWith("__wbg_setTimeout_"));
  const unreferenced = (callback: () => void, ms: number) => setTimeout(callback, ms).unref();
  const imports = { ...glue, ...Object.fromEntries(timer.map((name) => [name, unreferenced])) };
  const { instance } = await WebAssembly.instantiate(await readFile(file), { "./schema_engine_bg.js": imports });
  // Where the engine reports a panic, as Prisma's own loader provides it.
  const set_message = (message: string) => {
    throw new Error(`Prisma's schema engine: ${message}`);
  };
  Object.assign(globalThis, { PRISMA_WASM_PANIC_REGISTRY: { set_message } });
  glue.__wbg_set_wasm(instance.exports);
  instance.exports.__wbindgen_start?.();
  return glue;
}
