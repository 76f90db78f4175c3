import { chmodSync, closeSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { tryLockFile } from '@tetragon-ts/ebpf/sys'
import { readOutput } from '@tetragon-ts/outputs/specification'
import { waitingBytes } from '@tetragon-ts/outputs/waiting-bytes'
import { AgentError } from '../error.ts'
import { openOwnFile, openOwnFileToRead } from '../files/own-file.ts'
import { makeOwnFolder } from '../files/own-folder.ts'

const privateMode = 0o700
/** No output has this name. */
const lockName = '.lock'
/** Folders that this process has locked. */
const locked = new Set<string>()

/**
 * Makes the folder of the spools private to this agent, until the process ends. Further calls add
 * folders to it. A disk that fails
 * only has to be reported: the agent works without spools.
 * @param texts outputs, each `NAME=URL`
 * @param warn takes a message for the operator
 * @returns why there can be no spools; undefined if the folder is ready
 * @throws AgentError AGENT_RUNNING if another agent uses it, AGENT_FILE if others can change it
 */
export function openSpoolFolder(
  folder: string,
  texts: readonly string[],
  warn: (message: string) => void,
): string | undefined {
  const outputs = texts.map(readOutput).filter(({ values }) => values.spool > 0)
  const names = outputs.map(({ name }) => name)
  try {
    if (names.length > 0 && !locked.has(folder)) lock(folder)
    for (const name of names) {
      makeOwnFolder(join(folder, name), privateMode)
      chmodSync(join(folder, name), privateMode)
    }
  } catch (error) {
    if (error instanceof AgentError) throw error
    const failure = `open the folder of spools ${folder}: ${(error as Error).message}`
    warn(`${failure}; events wait in memory until the agent is restarted`)
    return failure
  }
  if (names.length > 0 || locked.has(folder) || !isUsed(folder)) reportUnused(folder, names, warn)
  return undefined
}

function lock(folder: string): void {
  makeOwnFolder(folder, privateMode)
  const { fd } = openOwnFile(join(folder, lockName), 0o600)
  if (tryLockFile(fd)) return void locked.add(folder)
  closeSync(fd)
  throw new AgentError(
    'AGENT_RUNNING',
    `open outputs: another agent uses ${folder}; set another --output-spool-dir`,
  )
}

/** Whether another agent uses the folder, as far as this one can see. */
function isUsed(folder: string): boolean {
  let fd: number | undefined
  try {
    fd = openOwnFileToRead(join(folder, lockName))
    return fd !== undefined && !tryLockFile(fd)
  } catch {
    return false
  } finally {
    if (fd !== undefined) closeSync(fd)
  }
}

/** Reports events of outputs that were removed, or have no spool any more. */
function reportUnused(
  folder: string,
  names: readonly string[],
  warn: (message: string) => void,
): void {
  for (const name of foldersIn(folder).filter((each) => !names.includes(each))) {
    const path = join(folder, name)
    try {
      const bytes = waitingBytes(path)
      const remedy = 'restore its spool, or remove the folder'
      if (bytes > 0) warn(`${bytes} bytes of events in ${path} have no output ${name}: ${remedy}`)
    } catch (error) {
      warn(`read ${path}: ${(error as Error).message}`)
    }
  }
}

/** @returns none if there is no folder, or it cannot be read */
function foldersIn(folder: string): string[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true })
    return entries.filter((each) => each.isDirectory()).map(({ name }) => name)
  } catch {
    return []
  }
}
