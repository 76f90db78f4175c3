import {
  closeSync,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { tryLockFile } from '@tetragon-ts/ebpf/sys'
import { AgentError } from './error.ts'

/**
 * Makes this process the only agent of the machine. The lock on the pid file goes with the process,
 * however that ends, so a file left behind blocks nobody.
 */
export class InstanceLock implements Disposable {
  readonly #path: string
  readonly #fd: number

  /** @throws AgentError AGENT_RUNNING, AGENT_PID_FILE */
  constructor(path: string) {
    this.#path = path
    this.#fd = lock(path)
    ftruncateSync(this.#fd)
    writeSync(this.#fd, `${process.pid}\n`)
  }

  [Symbol.dispose](): void {
    unlinkSync(this.#path)
    closeSync(this.#fd)
  }
}

function lock(path: string): number {
  for (;;) {
    const fd = open(path)
    if (!tryLockFile(fd)) {
      const pid = readFileSync(path, 'utf8').trim()
      closeSync(fd)
      throw new AgentError(
        'AGENT_RUNNING',
        `start agent: another one runs already with pid ${pid} (${path}); stop it first`,
      )
    }
    // An agent that ended in between has removed the file that we locked: then there is a new one.
    if (isStill(path, fd)) return fd
    closeSync(fd)
  }
}

function open(path: string): number {
  try {
    makeFolder(dirname(path))
    return openSync(path, 'a+', 0o644)
  } catch (cause) {
    const message = `create pid file ${path}: ${(cause as Error).message}`
    throw new AgentError('AGENT_PID_FILE', message, { cause })
  }
}

/** One level only: the folder above is the system's. */
function makeFolder(path: string): void {
  try {
    mkdirSync(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}

function isStill(path: string, fd: number): boolean {
  const now = statSync(path, { throwIfNoEntry: false })
  return now?.ino === fstatSync(fd).ino
}
