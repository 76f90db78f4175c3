import { open, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** Files of events by their format. */
export interface QueryFiles {
  /** JSON lines. */
  readonly json: readonly string[]
  /** The same, compressed. */
  readonly gzip: readonly string[]
  readonly parquet: readonly string[]
}

type Format = keyof QueryFiles

const parquetMagic = Buffer.from('PAR1')
/** First bytes of gzip (RFC 1952). */
const gzipMagic = Buffer.of(0x1f, 0x8b)

/**
 * Finds the files at some paths; of a folder, all files in it.
 * @throws Error that names what cannot be read
 */
export async function findQueryFiles(paths: readonly string[]): Promise<QueryFiles> {
  const found: Record<Format, string[]> = { json: [], gzip: [], parquet: [] }
  for (const path of paths) {
    for (const file of await filesAt(path)) found[await formatOf(file)].push(file)
  }
  return found
}

async function filesAt(path: string): Promise<string[]> {
  try {
    if (!(await stat(path)).isDirectory()) return [path]
    const entries = await readdir(path, { withFileTypes: true })
    const names = entries.filter((entry) => entry.isFile()).map(({ name }) => name)
    if (names.length === 0) throw new Error('the folder has no files')
    return names.sort().map((name) => join(path, name))
  } catch (error) {
    throw new Error(`read ${path}: ${(error as Error).message}`)
  }
}

async function formatOf(path: string): Promise<Format> {
  try {
    await using file = await open(path)
    const first = Buffer.alloc(parquetMagic.length)
    await file.read(first, 0, first.length, 0)
    if (first.equals(parquetMagic)) return 'parquet'
    return first.subarray(0, gzipMagic.length).equals(gzipMagic) ? 'gzip' : 'json'
  } catch (error) {
    throw new Error(`read ${path}: ${(error as Error).message}`)
  }
}
