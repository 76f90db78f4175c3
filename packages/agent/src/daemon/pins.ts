import {
  closeSync,
  constants,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmdirSync,
  unlinkSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { findMount } from '@tetragon-ts/ebpf/links'
import { mountFileSystem, PinFolder, tryLockFile } from '@tetragon-ts/ebpf/sys'
import type { PinOptions } from '../config/agent-options.ts'
import { AgentError } from '../error.ts'
import { makeOwnFolder } from '../files/own-folder.ts'
import { unseenRecords } from './unseen-records.ts'

/** systemd mounts the file system there. */
const usualMount = '/sys/fs/bpf'

const { O_DIRECTORY, O_NOFOLLOW, O_RDONLY } = constants

/** What earlier agents have left. */
export interface EarlierAgents {
  readonly pins: number
  /** Records that were lost since they started, or not read. */
  readonly unseen: number
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
  #isInForce = false

  /** @throws AgentError AGENT_PINS */
  constructor({ keeps, releasesFirst, folder }: PinOptions, warn: (message: string) => void) {
    this.#warn = warn
    try {
      const mount = findMount('bpf')
      if (keeps && mount === undefined) mountFileSystem('bpf', usualMount)
      const root = join(mount ?? usualMount, folder)
      if (keeps) makeOwnFolder(root, 0o700)
      this.#earlier = abandoned(root)
      this.#release(({ path }) => releasesFirst || !basename(path).startsWith(inForce))
      this.#own = keeps ? create(root) : undefined
    } catch (cause) {
      const message = `pin programs in ${folder}: ${(cause as Error).message}`
      throw new AgentError('AGENT_PINS', message, { cause })
    }
    if (!this.#own) return
    this.folder = new PinFolder(this.#own.path)
    this.folder.onRefused = (what, { message }) =>
      warn(`keep ${what} attached when the agent ends: ${message}; it ends with the agent`)
  }

  /**
   * The policies of this agent are in force: its programs stay attached from now on, and those of
   * earlier agents are detached.
   * @param ringSize of this agent, in bytes
   * @returns what they have left; undefined if there are none
   */
  takeOver(ringSize: number): EarlierAgents | undefined {
    if (this.#own) {
      const name = basename(this.#own.path).replace(starting, inForce)
      const path = join(dirname(this.#own.path), name)
      this.folder?.rename(path)
      this.#own = { ...this.#own, path }
      this.#isInForce = true
    }
    const earlier = this.#earlier
    if (earlier.length === 0) return undefined
    const unseen = earlier.map(({ path }) => unseenRecords(path, ringSize, this.#warn))
    return { pins: this.#release(() => true), unseen: sumOf(unseen) }
  }

  /** Whether the programs stay attached if this agent ends now. */
  get stays(): boolean {
    return this.#isInForce
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
    if (this.#isInForce) closeSync(this.#own.fd)
    else this.#remove(this.#own)
  }

  #try(removal: () => void): void {
    try {
      removal()
    } catch (error) {
      this.#warn(`remove pins of an agent that has ended: ${(error as Error).message}`)
    }
  }

  /** Removes all pins, whoever made them. @returns how many */
  #remove({ path, fd }: Generation): number {
    const names = readdirSync(path)
    for (const name of names) this.#try(() => unlinkSync(join(path, name)))
    this.#try(() => rmdirSync(path))
    closeSync(fd)
    return names.length
  }
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, each) => sum + each, 0)
}

/** Folders of agents that have ended, locked. */
function abandoned(root: string): Generation[] {
  if (!lstatSync(root, { throwIfNoEntry: false })?.isDirectory()) return []
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
