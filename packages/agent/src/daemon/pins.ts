import {
  closeSync,
  constants,
  mkdirSync,
  openSync,
  readdirSync,
  rmdirSync,
  unlinkSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { findMount, mountFileSystem, PinFolder, tryLockFile } from '@tetragon-ts/ebpf/sys'
import type { PinOptions } from '../config/agent-options.ts'
import { AgentError } from '../error.ts'
import { checkOwnFolder, makeOwnFolder } from '../files/own-folder.ts'
import type { Ending } from './lifetime.ts'
import { unreadRecords } from './unread-records.ts'

/** systemd mounts the file system there. */
const usualMount = '/sys/fs/bpf'

const { O_DIRECTORY, O_NOFOLLOW, O_RDONLY } = constants

/** Programs of earlier agents that were detached. */
export interface ReplacedPrograms {
  readonly pins: number
  /** Records that were lost since those agents started, or not read. */
  readonly unread: number
}

/** A folder of pins, locked by the agent that it belongs to. */
interface Generation {
  readonly path: string
  readonly fd: number
}

/** Names of folders begin with these: an agent that ended too early leaves nothing behind. */
const [starting, inForce] = ['starting', 'active']
/** Tetragon uses the same folder: other names are left alone. */
const ours = new RegExp(`^(${starting}|${inForce})-\\d+-\\d+$`)

/**
 * Pins of this agent and of earlier ones, which keep programs attached without an agent. Pins of
 * others are only removed, never used.
 */
export class Pins implements Disposable {
  /** Undefined if programs end with the agent. */
  readonly folder: PinFolder | undefined
  #own: Generation | undefined
  #earlier: Generation[]
  readonly #warn: (message: string) => void
  readonly #keeps: PinOptions['keeps']
  #areInForce = false

  /**
   * If nothing can be pinned, all programs end with the agent, and a warning says so: an agent that
   * does not start would protect less.
   * @throws AgentError AGENT_PINS if pins of earlier agents cannot be found
   */
  constructor({ keeps, releasesFirst, folder }: PinOptions, warn: (message: string) => void) {
    this.#keeps = keeps
    this.#warn = warn
    const mount = findMount('bpf')
    const root = join(mount ?? usualMount, folder)
    try {
      this.#earlier = this.#isTrusted(root) ? abandoned(root) : []
    } catch (cause) {
      const message = `read pin folder ${root}: ${(cause as Error).message}`
      throw new AgentError('AGENT_PINS', message, { cause })
    }
    this.#release(({ path }) => releasesFirst || !basename(path).startsWith(inForce))
    if (keeps === 'never') return
    try {
      if (mount === undefined) mountFileSystem('bpf', usualMount, 0o700)
      makeOwnFolder(root, 0o700)
      this.#own = create(root)
    } catch (error) {
      const effect = 'policies are not in force while no agent runs'
      warn(`prepare pin folder ${root}: ${(error as Error).message}; ${effect}`)
      return
    }
    this.folder = new PinFolder(this.#own.path)
    this.folder.onUnpinned = this.#unpinned(warn)
  }

  /** One message for each reason is enough unless everything has to stay. */
  #unpinned(warn: (message: string) => void): PinFolder['onUnpinned'] {
    const known = new Set<string>()
    return (what, reason) => {
      if (this.#keeps === 'restart' && known.has(reason)) return
      known.add(reason)
      warn(`${what} will be detached when the agent ends: ${reason}`)
    }
  }

  /** Whether programs of earlier agents are attached. */
  get hasEarlier(): boolean {
    return this.#earlier.length > 0
  }

  /**
   * The policies of this agent are in force: its programs stay attached from now on, and those of
   * earlier agents are detached.
   * @param ringSize of this agent, in bytes
   * @returns undefined if there were none
   */
  replaceEarlier(ringSize: number): ReplacedPrograms | undefined {
    if (this.#own) {
      const name = basename(this.#own.path).replace(starting, inForce)
      const path = join(dirname(this.#own.path), name)
      this.folder?.rename(path)
      this.#own = { ...this.#own, path }
      this.#areInForce = true
    }
    const earlier = this.#earlier
    if (earlier.length === 0) return undefined
    const unread = earlier.map(({ path }) => unreadRecords(path, ringSize, this.#warn))
    return { pins: this.#release(() => true), unread: sumOf(unread) }
  }

  /** This agent is about to end. @returns whether its programs stay attached */
  end(ending: Ending): boolean {
    this.#areInForce &&= this.#keeps === 'always' || ending !== 'stop'
    return this.#areInForce
  }

  #release(test: (generation: Generation) => boolean): number {
    const released = this.#earlier.filter(test)
    this.#earlier = this.#earlier.filter((each) => !released.includes(each))
    return sumOf(released.map((each) => this.#remove(each)))
  }

  /** This agent ends. */
  [Symbol.dispose](): void {
    for (const { fd } of this.#earlier.splice(0)) closeSync(fd)
    if (!this.#own) return
    if (this.#areInForce) closeSync(this.#own.fd)
    else this.#remove(this.#own)
  }

  /** Others must not be able to exchange a folder whose pins are removed for another one. */
  #isTrusted(root: string): boolean {
    try {
      checkOwnFolder(root)
      return true
    } catch (error) {
      if (error instanceof AgentError) this.#warn(`ignore pins in ${root}: ${error.message}`)
      // It does not exist, or this user may not look.
      else if (!(error instanceof Error && 'syscall' in error)) throw error
      return false
    }
  }

  #try(removal: () => void): void {
    try {
      removal()
    } catch (error) {
      this.#warn(`remove pins of an agent that has ended: ${(error as Error).message}`)
    }
  }

  /** Removes all pins, foreign ones too. @returns their number */
  #remove({ path, fd }: Generation): number {
    let pins = 0
    const remove = (name: string): void => {
      unlinkSync(join(path, name))
      pins++
    }
    this.#try(() => {
      for (const name of readdirSync(path)) this.#try(() => remove(name))
      rmdirSync(path)
    })
    closeSync(fd)
    return pins
  }
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, each) => sum + each, 0)
}

/** Folders of agents that have ended, locked. */
function abandoned(root: string): Generation[] {
  const entries = readdirSync(root, { withFileTypes: true })
  return entries.flatMap((entry) => {
    if (!entry.isDirectory() || !ours.test(entry.name)) return []
    const path = join(root, entry.name)
    const fd = openSync(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
    if (tryLockFile(fd)) return [{ path, fd }]
    closeSync(fd)
    return []
  })
}

function create(root: string): Generation {
  const path = join(root, `${starting}-${process.pid}-${Date.now()}`)
  mkdirSync(path, { mode: 0o700 })
  const fd = openSync(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
  if (!tryLockFile(fd)) throw new Error(`${path} is locked by another process`)
  return { path, fd }
}
