import { chmodSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { tryLockFile } from '@tetragon-ts/ebpf/sys'
import { readOutput } from '@tetragon-ts/outputs/specification'
import { AgentError } from '../error.ts'
import { openOwnFile } from '../files/own-file.ts'
import { makeOwnFolder } from '../files/own-folder.ts'

const privateMode = 0o700

/**
 * Makes the folder of the spools private to this agent, until the process ends. A disk that fails
 * is reported only: the agent works without it, and outputs try again.
 * @param texts outputs, each `NAME=URL`
 * @param warn takes a message for the operator
 * @throws AgentError AGENT_RUNNING if another agent uses it, AGENT_FILE if others can change it
 */
export function openSpoolFolder(
  folder: string,
  texts: readonly string[],
  warn: (message: string) => void,
): void {
  const outputs = texts.map(readOutput).filter(({ values }) => values.spool > 0)
  const names = outputs.map(({ name }) => name)
  try {
    if (names.length > 0) lock(folder)
    for (const name of names) {
      makeOwnFolder(join(folder, name), privateMode)
      chmodSync(join(folder, name), privateMode)
    }
  } catch (error) {
    if (error instanceof AgentError) throw error
    warn(`open the folder of spools ${folder}: ${(error as Error).message}`)
  }
  for (const { name, bytes } of unusedSpools(folder, names)) {
    const remedy = 'restore its spool, or remove the folder'
    warn(`${bytes} bytes of events in ${join(folder, name)} have no output ${name}: ${remedy}`)
  }
}

function lock(folder: string): void {
  makeOwnFolder(folder, privateMode)
  const { fd } = openOwnFile(join(folder, 'lock'), 0o600)
  if (tryLockFile(fd)) return
  throw new AgentError(
    'AGENT_RUNNING',
    `open outputs: another agent uses ${folder}; set another --output-spool-dir`,
  )
}

/** Events of outputs that were removed, or have no spool any more. */
function unusedSpools(
  folder: string,
  names: readonly string[],
): { readonly name: string; readonly bytes: number }[] {
  try {
    const folders = readdirSync(folder, { withFileTypes: true }).filter((each) =>
      each.isDirectory(),
    )
    const unused = folders.filter(({ name }) => !names.includes(name))
    return unused
      .map(({ name }) => ({ name, bytes: segmentBytes(join(folder, name)) }))
      .filter(({ bytes }) => bytes > 0)
  } catch {
    // It never existed, or was reported above.
    return []
  }
}

function segmentBytes(folder: string): number {
  const segments = readdirSync(folder).filter((name) => name.endsWith('.segment'))
  return segments.reduce((sum, name) => {
    return sum + (statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0)
  }, 0)
}
