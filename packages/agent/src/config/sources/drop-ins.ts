import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { AgentError } from '../../error.ts'
import { type FileEntry, type FileValues, fileValues } from './config-files.ts'

/** No value is longer. */
const sizeMax = 1 << 20

/**
 * Reads a folder with a file for each option: the name is the option's, the content its value.
 * Folders in it are skipped, symbolic links followed, hidden files left alone.
 * @throws AgentError AGENT_OPTION for what cannot be read; a folder that is missing gives undefined
 */
export function readDropIns(folder: string): FileValues | undefined {
  const names = listFolder(folder)
  if (names === undefined) return undefined
  const entries: FileEntry[] = []
  for (const name of names) {
    const path = join(folder, name)
    const text = readSmallFile(path)
    if (text !== undefined) entries.push({ name, text: text.trim(), origin: path })
  }
  return fileValues(entries)
}

function listFolder(folder: string): string[] | undefined {
  try {
    return readdirSync(folder)
      .filter((name) => !name.startsWith('.'))
      .sort()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw unreadable(error)
  }
}

/** The content of a regular file; undefined of anything else. */
function readSmallFile(path: string): string | undefined {
  try {
    const stat = statSync(path)
    if (!stat.isFile()) return undefined
    if (stat.size <= sizeMax) return readFileSync(path, 'utf8')
  } catch (error) {
    throw unreadable(error)
  }
  throw new AgentError('AGENT_OPTION', `read options: ${path} is larger than ${sizeMax} bytes`)
}

function unreadable(cause: unknown): AgentError {
  return new AgentError('AGENT_OPTION', `read options: ${(cause as Error).message}`, { cause })
}
