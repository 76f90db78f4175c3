import {
  closeSync,
  fstatSync,
  ftruncateSync,
  lstatSync,
  readFileSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import { dirname, resolve } from 'node:path'
import { tryLockFile } from '@tetragon-ts/ebpf/sys'
import { AgentError } from '../error.ts'
import { openOwnFile } from '../files/own-file.ts'
import { makeOwnFolder } from '../files/own-folder.ts'

/**
 * Makes this process the only agent of the machine. The lock on the pid file ends with the process,
 * so a leftover file blocks no other agent.
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
    // Another agent may have its file there, if this one was removed.
    if (isStill(this.#path, this.#fd)) unlinkSync(this.#path)
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
        `start agent: another agent is running with pid ${pid} (${path}); stop it first`,
      )
    }
    // An agent that ended in between removed the file that we locked: then there is a new one.
    if (isStill(path, fd)) return fd
    closeSync(fd)
  }
}

function open(path: string): number {
  try {
    makeOwnFolder(dirname(resolve(path)))
    return openOwnFile(path, 0o644).fd
  } catch (cause) {
    const message = `create pid file ${path}: ${(cause as Error).message}`
    throw new AgentError('AGENT_PID_FILE', message, { cause })
  }
}

function isStill(path: string, fd: number): boolean {
  const now = lstatSync(path, { throwIfNoEntry: false })
  const own = fstatSync(fd)
  return now?.ino === own.ino && now.dev === own.dev
}
