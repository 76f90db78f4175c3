import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A program of the node with its log. */
export class NodeProcess {
  readonly name: string
  readonly #child: ChildProcess
  readonly #log: string

  /** @param command to run on this machine; @param folder for the log */
  constructor(name: string, command: readonly [string, ...string[]], folder: string) {
    this.name = name
    this.#log = join(folder, `${name}.log`)
    const descriptor = openSync(this.#log, 'a')
    const [program, ...args] = command
    this.#child = spawn(program, args, {
      stdio: ['ignore', descriptor, descriptor],
      env: { PATH: '/opt/kubernetes/bin:/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/root' },
    })
    closeSync(descriptor)
  }

  /** @throws Error with the end of the log if the program has ended */
  check(): void {
    if (this.#child.exitCode === null && this.#child.signalCode === null) return
    const end = readFileSync(this.#log, 'utf8').trim().split('\n').slice(-10).join('\n')
    throw new Error(`run ${this.name}: it has ended: ${end}`)
  }
}
