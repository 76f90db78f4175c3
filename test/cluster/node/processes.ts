import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Milliseconds until a killed program starts again. */
const restartDelay = 500

/**
 * Programs in Go collect garbage rarely, up to this memory. With a limit near what the API server
 * needs, half of its processor time is for that.
 */
export const goMemory = { GOGC: '400', GOMEMLIMIT: '1GiB' } as const

/**
 * A program of the node with its log. Once it was killed, it starts again whenever it ends, as
 * under systemd.
 */
export class NodeProcess {
  readonly name: string
  readonly #command: readonly [string, ...string[]]
  readonly #log: string
  #child: ChildProcess
  /** Whether it starts again when it ends. */
  #restarts = false
  #stopped = false

  /** @param command to run on this machine; @param folder for the log */
  constructor(name: string, command: readonly [string, ...string[]], folder: string) {
    this.name = name
    this.#command = command
    this.#log = join(folder, `${name}.log`)
    this.#child = this.#start()
  }

  #start(): ChildProcess {
    const descriptor = openSync(this.#log, 'a')
    const [program, ...args] = this.#command
    const child = spawn(program, args, {
      stdio: ['ignore', descriptor, descriptor],
      env: {
        PATH: '/opt/kubernetes/bin:/usr/sbin:/usr/bin:/sbin:/bin',
        HOME: '/root',
        ...goMemory,
      },
    })
    closeSync(descriptor)
    child.on('exit', (_, signal) => {
      if (this.#stopped) return
      // Processes that a program needs may have been killed, too.
      if (signal === 'SIGKILL') this.#restarts = true
      if (this.#restarts) setTimeout(() => this.#restart(), restartDelay)
    })
    return child
  }

  #restart(): void {
    if (!this.#stopped) this.#child = this.#start()
  }

  /** Does not start the program again. */
  stop(): void {
    this.#stopped = true
  }

  /** @throws Error with the end of the log if the program has ended by itself */
  check(): void {
    const { exitCode, signalCode } = this.#child
    if ((exitCode === null && signalCode === null) || this.#restarts) return
    const end = readFileSync(this.#log, 'utf8').trim().split('\n').slice(-10).join('\n')
    throw new Error(`run ${this.name}: it has ended: ${end}`)
  }
}
