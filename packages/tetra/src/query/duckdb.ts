import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { isSea } from 'node:sea'

const library = '@duckdb/node-api'

/** What is used of the library. */
export interface DuckDb {
  readonly DuckDBInstance: {
    create(
      path: string,
      options: Readonly<Record<string, string>>,
    ): Promise<{ connect(): Promise<DuckDbConnection>; closeSync(): void }>
  }
}

export interface DuckDbConnection {
  run(sql: string): Promise<unknown>
  stream(sql: string): Promise<DuckDbResult>
  interrupt(): void
  closeSync(): void
}

export interface DuckDbResult {
  /** Each is unique. */
  deduplicatedColumnNames(): string[]
  columnTypes(): readonly { readonly alias?: string; toString(): string }[]
  yieldRowsJson(): AsyncIterable<readonly (readonly unknown[])[]>
}

/** Where npm installs for all users: of this Node.js, and of Debian's npm. */
const globalFolders = [
  join(dirname(process.execPath), '../lib/node_modules'),
  '/usr/local/lib/node_modules',
]

/**
 * Loads DuckDB, which `tetra` does not contain: 70 MB of machine code for one command. It is looked
 * for beside `tetra`, in NODE_PATH and among the global packages; not in the working directory, to
 * which another user may be able to write.
 * @throws Error that says how to install it
 */
export function loadDuckDb(): DuckDb {
  const require = createRequire(isSea() ? process.execPath : import.meta.url)
  for (const name of [library, ...globalFolders.map((folder) => join(folder, library))]) {
    try {
      require.resolve(name)
    } catch {
      continue
    }
    return require(name) as DuckDb
  }
  throw new Error(`load DuckDB: it is not installed; run "npm install --global ${library}"`)
}
