import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Production } from './producer.ts'
import type { ReaderOptions, Reading } from './reader.ts'

/**
 * The producer is bound to the last CPU and leaves the reader all others; what else runs on the
 * machine gets what the two leave. Left alone, the kernel may put both on one CPU as soon as a third program runs.
 */
const niceness = '-19'
const lastCpu = availableParallelism() - 1
const producerCpus = String(lastCpu)
const allCpus = `0-${lastCpu}`

export interface TrialOptions {
  /** Processes per second: each gives a fork, an exec and an exit record. */
  readonly rate: number
  readonly seconds: number
  readonly ringSize: number
  readonly file: string
  readonly thread: ReaderOptions['thread']
  readonly largestFile: number
}

export interface Trial extends Production, Reading {
  /** Whether every record arrived and the producer held the rate. */
  readonly sustained: boolean
}

/** Runs producer and reader, each in its own process, at a rate. */
export async function trial(options: TrialOptions): Promise<Trial> {
  const { rate, seconds, ringSize, file, thread, largestFile } = options
  const producer = new Partner('producer', producerCpus, String(ringSize))
  try {
    const { mapId } = await producer.next<{ mapId: number }>()
    const readerOptions: ReaderOptions = { mapId, ringSize, file, thread, largestFile }
    const reader = new Partner('reader', allCpus, JSON.stringify(readerOptions))
    try {
      await reader.next<'ready'>()
      producer.child.stdin?.end(`${rate} ${seconds}\n`)
      const production = await producer.next<Production>()
      reader.child.stdin?.end()
      const reading = await reader.next<Reading>()
      await reader.ended
      const held = production.measured >= rate * production.seconds * 0.99
      const sustained = production.lost === 0 && reading.sinkLost === 0 && held
      return { ...production, ...reading, sustained }
    } finally {
      reader.child.kill('SIGKILL')
    }
  } finally {
    producer.child.kill('SIGKILL')
  }
}

/** A process that says lines of JSON. */
class Partner {
  readonly child: ChildProcess
  readonly ended: Promise<unknown>
  readonly #lines: AsyncIterator<string>
  readonly #name: string

  constructor(name: string, cpus: string, argument: string) {
    const program = fileURLToPath(new URL(`./${name}.js`, import.meta.url))
    const stdio = ['pipe', 'pipe', 'inherit'] as const
    this.#name = name
    const command = ['-n', niceness, 'taskset', '-c', cpus, process.execPath, program, argument]
    this.child = spawn('nice', command, { stdio: [...stdio], detached: true })
    raiseSession(this.child.pid)
    this.#lines = createInterface({ input: this.child.stdout! })[Symbol.asyncIterator]()
    this.ended = new Promise((resolve) => this.child.on('exit', resolve))
  }

  async next<T>(): Promise<T> {
    const line = await this.#lines.next()
    if (line.done) throw new Error(`run ${this.#name}: it ended early`)
    return JSON.parse(line.value) as T
  }
}

/** Where the kernel shares CPUs out by session, niceness counts within one only: each has its own. */
function raiseSession(pid: number | undefined): void {
  const file = `/proc/${pid}/autogroup`
  if (existsSync(file)) writeFileSync(file, niceness)
}
