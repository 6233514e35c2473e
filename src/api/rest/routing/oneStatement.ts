import type { Roles } from "../../../access/roles.ts";
import { BoundedMap } from "../../../platform/boundedMap.ts";
import type { QueryRunner } from "../../../platform/database/queryRunner.ts";
import {
  type CompiledOperation,
  compileOperation,
  type OperationRequest,
  requestShape,
  requestValues,
} from "../../../query/compileOperation.ts";
import type { Selected } from "../../../query/selection.ts";
import type { ViewReader } from "./views.ts";

/** The caller's ID, and the JSON text of the result: null if the caller may not have it or nothing was written. */
export interface Row {
  id: string;
  data: string | null;
}

/** Statements kept for one route, whose requests differ by filters and orders. */
const MAX_STATEMENTS = 64;

/**
 * Runs requests of one route as one statement each, which finds the caller and checks their rights too. The result is
 * undefined for an unknown caller.
 */
export function createOneStatement(fields: readonly Selected[], reader: ViewReader, roles: Roles) {
  const compiled = new BoundedMap<string, CompiledOperation>(MAX_STATEMENTS);
  const options = { schema: reader.schema, roles, omitNull: true };
  return async (request: OperationRequest, runner: QueryRunner): Promise<Row | undefined> => {
    const shape = JSON.stringify(requestShape(request));
    let operation = compiled.get(shape);
    if (!operation) {
      operation = compileOperation(options, request, fields);
      compiled.set(shape, operation);
    }
    const { rows } = await runner.query<Row>(operation.statement.query(requestValues(request, operation)));
    const [row] = rows;
    if (row && row.data !== null) operation.statement.succeeded();
    return row;
  };
}
