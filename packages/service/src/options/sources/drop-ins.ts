import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { OptionTable } from '../option-table.ts'
import { type FileEntry, type FileValues, fileValues } from './config-files.ts'

/** Maximum size of a value. */
const sizeMax = 1 << 20

/**
 * Reads a folder with one file per option: the file name is the option, the content its value.
 * Subfolders and hidden files are skipped, symbolic links are followed.
 * @returns undefined if the folder does not exist
 * @throws the error of the table for unreadable files
 */
export function readDropIns(table: OptionTable, folder: string): FileValues | undefined {
  const names = listFolder(table, folder)
  if (names === undefined) return undefined
  const entries: FileEntry[] = []
  for (const name of names) {
    const path = join(folder, name)
    const text = readSmallFile(table, path)
    if (text !== undefined) entries.push({ name, text: text.trim(), origin: path })
  }
  return fileValues(table, entries)
}

function listFolder(table: OptionTable, folder: string): string[] | undefined {
  try {
    return readdirSync(folder)
      .filter((name) => !name.startsWith('.'))
      .sort()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw unreadable(table, error)
  }
}

/** Content of a regular file; undefined for anything else. */
function readSmallFile(table: OptionTable, path: string): string | undefined {
  try {
    const stat = statSync(path)
    if (!stat.isFile()) return undefined
    if (stat.size <= sizeMax) return readFileSync(path, 'utf8')
  } catch (error) {
    throw unreadable(table, error)
  }
  throw table.error(`read options: ${path} is larger than ${sizeMax} bytes`)
}

function unreadable(table: OptionTable, cause: unknown): Error {
  return table.error(`read options: ${(cause as Error).message}`, { cause })
}
