import { PassThrough } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { runCommandLine } from '../run-command-line.ts'

const waitMs = 20_000

/** A command line that runs in this process until it is interrupted. */
export class StartedTetra {
  out = ''
  err = ''
  readonly code: Promise<number>

  constructor(argv: readonly string[]) {
    const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()]
    stdout.setEncoding('utf8').on('data', (piece: string) => {
      this.out += piece
    })
    stderr.setEncoding('utf8').on('data', (piece: string) => {
      this.err += piece
    })
    this.code = runCommandLine(argv, { stdin, stdout, stderr })
  }

  /** Lines of its output. */
  get lines(): string[] {
    return this.out.split('\n').slice(0, -1)
  }

  /** Waits for a condition. */
  async until(what: string, condition: () => boolean): Promise<void> {
    const deadline = performance.now() + waitMs
    while (!condition()) {
      if (performance.now() > deadline) {
        throw new Error(`wait for ${what}: output ${this.out}, errors ${this.err}`)
      }
      await sleep(5)
    }
  }

  /** Interrupts all commands of this process, and waits for the end of this one. */
  interrupt(): Promise<number> {
    process.emit('SIGINT')
    return this.code
  }
}
