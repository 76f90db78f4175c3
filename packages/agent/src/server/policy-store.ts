import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import type { PolicyId } from './server-host.ts'

const ending = '.yaml'
const temporary = '.new'

/** A policy as it was added. */
export interface StoredPolicy {
  readonly id: PolicyId
  readonly yaml: string
}

/**
 * Policies in a folder, a file each, so that they outlive the agent. A file is there whole or not at
 * all, whenever the agent or the machine ends.
 */
export class PolicyStore {
  readonly #folder: string

  /** @throws Error of the file system */
  constructor(folder: string) {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    this.#folder = folder
  }

  /** All of them, in the order of their names. What is no policy of ours is left alone. */
  read(): StoredPolicy[] {
    return readdirSync(this.#folder)
      .sort()
      .flatMap((file) => {
        const id = idOf(file)
        return id ? [{ id, yaml: readFileSync(join(this.#folder, file), 'utf8') }] : []
      })
  }

  /** Keeps a policy, in the place of one with the same id. @throws Error of the file system */
  save({ id, yaml }: StoredPolicy): void {
    const path = join(this.#folder, fileOf(id))
    const file = openSync(`${path}${temporary}`, 'w', 0o600)
    try {
      writeSync(file, yaml)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    renameSync(`${path}${temporary}`, path)
    this.#sync()
  }

  /** Forgets a policy if it is there. */
  delete(id: PolicyId): void {
    rmSync(join(this.#folder, fileOf(id)), { force: true })
    this.#sync()
  }

  /** A new name is safe only when the folder is written as well. */
  #sync(): void {
    const folder = openSync(this.#folder, 'r')
    try {
      fsyncSync(folder)
    } finally {
      closeSync(folder)
    }
  }
}

/** Names may hold what file names may not. */
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
