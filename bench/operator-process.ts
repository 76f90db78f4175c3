import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { residentBytes } from './agent-process.ts'
import { mebibyte } from './figures.ts'
import { WorkFiles } from './work-files.ts'

const program = fileURLToPath(
  new URL('../../packages/operator/bin/tetragon-operator.js', import.meta.url),
)
/** As in the image: scripts/image/root.mjs. */
const memoryOption = '--optimize-for-size'

/** A running operator. */
export class OperatorProcess {
  readonly #files = new WorkFiles()
  readonly #child: ChildProcess

  /** @param server URL of the API server @param options of the operator */
  constructor(server: string, ...options: readonly string[]) {
    const kubeconfig = this.#files.writeKubeconfig(server)
    const args = ['serve', `--kube-config=${kubeconfig}`, '--health-probe-bind-address=0']
    const stdio = ['ignore', 'ignore', 'inherit'] as const
    this.#child = spawn(process.execPath, [memoryOption, program, ...args, ...options], {
      stdio: [...stdio],
    })
  }

  /** @throws Error if it has ended */
  check(): void {
    const { exitCode, signalCode } = this.#child
    if (exitCode !== null || signalCode !== null) throw new Error('the operator has ended')
  }

  get peakMiB(): number {
    const status = readFileSync(`/proc/${this.#child.pid}/status`, 'latin1')
    return Number(/^VmHWM:\s*(\d+) kB/m.exec(status)?.[1]) / 1024
  }

  get residentMiB(): number {
    return residentBytes(this.#child.pid!) / mebibyte
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = once(this.#child, 'exit')
    if (this.#child.kill('SIGKILL')) await ended
    this.#files[Symbol.dispose]()
  }
}
