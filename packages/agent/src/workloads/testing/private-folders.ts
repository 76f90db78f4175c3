import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, rmdirSync } from 'node:fs'
import { join } from 'node:path'

/**
 * A mount namespace in which `/run` and `/var/lib` are empty: container runtimes use their default
 * folders there, and leave nothing on the machine.
 */
export class PrivateFolders {
  readonly #holder: ChildProcess

  private constructor(holder: ChildProcess) {
    this.#holder = holder
  }

  static async create(): Promise<PrivateFolders> {
    const mounts = ['/run', '/var/lib', '/var/tmp'].map((path) => `mount -t tmpfs test ${path}`)
    const script = `${mounts.join(' && ')} && echo ready && exec cat`
    const command = ['--mount', '--propagation', 'private', 'sh', '-c', script]
    const holder = spawn('unshare', command, { stdio: ['pipe', 'pipe', 'inherit'] })
    await once(holder.stdout, 'data')
    return new PrivateFolders(holder)
  }

  /** Words before a command that runs there. */
  get starter(): readonly string[] {
    return ['nsenter', '--mount', '--target', String(this.#holder.pid), '--']
  }

  /** Runs a command to its end. @returns its output @throws Error with its messages */
  run(command: readonly string[], env: NodeJS.ProcessEnv = {}): string {
    const [program, ...words] = [...this.starter, ...command]
    const { status, stdout, stderr } = spawnSync(program, words, {
      env: { ...process.env, ...env },
      encoding: 'utf8',
    })
    if (status !== 0) throw new Error(`run ${command.join(' ')}: ${status} ${stderr}`)
    return stdout
  }

  /** Path of a file of the namespace, for processes outside of it. */
  outside(path: string): string {
    return `/proc/${this.#holder.pid}/root${path}`
  }

  async end(): Promise<void> {
    this.#holder.stdin?.end()
    await once(this.#holder, 'exit')
  }
}

/** Removes a control group with all below it, in all hierarchies. */
export function removeGroups(name: string): void {
  for (const line of readFileSync('/proc/mounts', 'utf8').split('\n')) {
    const [, path, type] = line.split(' ')
    if (type === 'cgroup' || type === 'cgroup2') removeGroup(join(path, name))
  }
}

function removeGroup(path: string): void {
  if (!existsSync(path)) return
  for (const each of readdirSync(path, { withFileTypes: true })) {
    if (each.isDirectory()) removeGroup(join(path, each.name))
  }
  // A process that has just been ended may still be in it.
  for (let tries = 0; ; tries++) {
    try {
      return rmdirSync(path)
    } catch (error) {
      const isBusy = (error as NodeJS.ErrnoException).code === 'EBUSY'
      if (!isBusy || tries === busyTriesMax) throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20)
    }
  }
}

/** 10 s. */
const busyTriesMax = 500
