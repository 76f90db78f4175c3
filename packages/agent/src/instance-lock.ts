import {
  closeSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
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

  /** @throws AgentError AGENT_RUNNING */
  constructor(path: string) {
    mkdirSync(dirname(path), { recursive: true })
    this.#path = path
    this.#fd = openSync(path, 'a+', 0o644)
    if (!tryLockFile(this.#fd)) {
      const pid = readFileSync(path, 'utf8').trim()
      closeSync(this.#fd)
      throw new AgentError(
        'AGENT_RUNNING',
        `start agent: another one runs already with pid ${pid} (${path}); stop it first`,
      )
    }
    ftruncateSync(this.#fd)
    writeSync(this.#fd, `${process.pid}\n`)
  }

  [Symbol.dispose](): void {
    unlinkSync(this.#path)
    closeSync(this.#fd)
  }
}
