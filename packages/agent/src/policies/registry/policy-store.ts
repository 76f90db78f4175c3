import {
  closeSync,
  fsyncSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { readOwnFile } from '../../files/own-file.ts'
import { makeOwnFolder } from '../../files/own-folder.ts'
import { RequestError } from '../../request-error.ts'
import type { PolicyId, PolicyMode } from './policy-control.ts'

const ending = '.yaml'
const temporary = '.new'
/** The first line of a file, a YAML comment, contains the state set at run time. */
const heading = '# tetragon: '

/** A policy as it was added, with its state. */
export interface StoredPolicy {
  readonly id: PolicyId
  readonly yaml: string
  readonly isEnabled: boolean
  readonly mode?: PolicyMode | undefined
}

/** A prepared write: exactly one of the methods must be called. */
export interface PreparedPolicy {
  /** Makes it permanent. @throws RequestError */
  commit(): void
  discard(): void
}

/**
 * Persistent policies, one file each in a folder. Files are written atomically, even if the agent
 * or the machine crashes.
 */
export class PolicyStore {
  readonly #folder: string

  /**
   * Removes partly written files of an agent that was killed.
   * @throws Error of the file system
   */
  constructor(folder: string) {
    makeOwnFolder(folder, 0o700)
    this.#folder = folder
    for (const file of readdirSync(folder)) {
      const isOurs = file.endsWith(temporary) && idOf(file.slice(0, -temporary.length))
      if (isOurs) rmSync(join(folder, file), { force: true })
    }
  }

  /** All of them, in the order of their names. Other files are ignored. */
  read(): StoredPolicy[] {
    return readdirSync(this.#folder)
      .sort()
      .flatMap((file) => {
        const id = idOf(file)
        return id ? [parse(id, readOwnFile(join(this.#folder, file)))] : []
      })
  }

  /** Writes a policy that replaces the one with the same id. @throws RequestError */
  prepare({ id, yaml, isEnabled, mode }: StoredPolicy): PreparedPolicy {
    const path = join(this.#folder, fileOf(id))
    const discard = (): void => rmSync(`${path}${temporary}`, { force: true })
    const text = `${heading}${JSON.stringify({ isEnabled, mode })}\n${yaml}`
    const write = (): void => {
      discard()
      const file = openSync(`${path}${temporary}`, 'wx', 0o600)
      try {
        writeFileSync(file, text)
        fsyncSync(file)
      } finally {
        closeSync(file)
      }
    }
    const commit = (): void => {
      renameSync(`${path}${temporary}`, path)
      this.#sync()
    }
    attempt(id, write, discard)
    return { commit: () => attempt(id, commit, discard), discard }
  }

  /** Deletes a policy if it exists. @throws RequestError */
  delete(id: PolicyId): void {
    attempt(id, () => {
      rmSync(join(this.#folder, fileOf(id)), { force: true })
      this.#sync()
    })
  }

  /** A rename is durable only after fsync of the folder. */
  #sync(): void {
    const folder = openSync(this.#folder, 'r')
    try {
      fsyncSync(folder)
    } finally {
      closeSync(folder)
    }
  }
}

/** Runs a step; calls `undo` after an error. @throws RequestError */
function attempt({ name }: PolicyId, act: () => void, undo?: () => void): void {
  try {
    act()
  } catch (cause) {
    undo?.()
    const message = `keep policy ${name}: ${(cause as Error).message}`
    throw new RequestError('refused', message, { cause })
  }
}

/** A file without our first line has a policy with the initial state. */
function parse(id: PolicyId, text: string): StoredPolicy {
  const end = text.indexOf('\n')
  if (!text.startsWith(heading) || end < 0) return { id, yaml: text, isEnabled: true }
  const yaml = text.slice(end + 1)
  try {
    const { isEnabled, mode } = JSON.parse(text.slice(heading.length, end)) as Partial<StoredPolicy>
    const known = mode === 'enforce' || mode === 'monitor' ? mode : undefined
    return { id, yaml, isEnabled: isEnabled !== false, mode: known }
  } catch {
    return { id, yaml, isEnabled: true }
  }
}

/** Names may contain characters that file names cannot. */
function fileOf({ domain, namespace, name }: PolicyId): string {
  return encodeURIComponent(`${domain}/${namespace}/${name}`) + ending
}

function idOf(file: string): PolicyId | undefined {
  if (!file.endsWith(ending)) return undefined
  try {
    const [domain, namespace, name, more] = decodeURIComponent(file.slice(0, -ending.length)).split(
      '/',
    )
    return name && more === undefined ? { domain, namespace, name } : undefined
  } catch {
    return undefined
  }
}
