import type { Db } from 'pg-boss'
import type { ParameterOrJSON, Sql } from 'postgres'

/**
 * pg-boss on our own driver: one way to the database for everything (embedded socket, DATABASE_URL with its TLS words, coming back
 * after a loss). The line has one connection, because pg-boss sends whole scripts with their own BEGIN and COMMIT.
 */
export function queueDatabase(line: Sql): Db {
  return {
    async executeSql(text, values = []) {
      const parameters = values.map((value) => (value === undefined ? null : value) as ParameterOrJSON<never>)
      // Without parameters it goes as a simple query, which alone may hold several statements (PostgreSQL manual, 54.2.2.1).
      const found: unknown = await (parameters.length === 0 ? line.unsafe(text) : line.unsafe(text, parameters))
      return { rows: rowsIn(found) }
    },
  }
}

/** Of a script: the rows of all its statements in one list. */
function rowsIn(found: unknown): unknown[] {
  return Array.isArray(found) ? found.flat() : []
}
