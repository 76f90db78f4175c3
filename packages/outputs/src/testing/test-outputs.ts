import assert from 'node:assert/strict'
import type { OutputStatus } from '../output-status.ts'
import { Outputs } from '../outputs.ts'
import { eventClass, sumOf } from '../queue/event-class.ts'
import { alertLine, execLine } from './lines.ts'

/** An output that a test feeds. */
export class TestOutput {
  readonly #outputs: Outputs
  readonly warnings: string[]

  /** @param address its URL with parameters */
  static async open(address: string, spoolFolder = '/nowhere'): Promise<TestOutput> {
    const warnings: string[] = []
    const outputs = await Outputs.open([`out=${address}`], {
      nodeName: 'node-1',
      version: '1.2.3',
      spoolFolder,
      report: (lost) => Buffer.from(JSON.stringify({ rate_limit_info: { lost }, node_name: 'n' })),
      warn: (message) => warnings.push(message),
      pauses: { min: 1, max: 5 },
    })
    return new TestOutput(outputs, warnings)
  }

  private constructor(outputs: Outputs, warnings: string[]) {
    this.#outputs = outputs
    this.warnings = warnings
  }

  get status(): OutputStatus {
    return this.#outputs.statuses[0]
  }

  add(...lines: readonly Buffer[]): void {
    for (const line of lines) this.#outputs.add(eventClass.process, line, Date.now())
  }

  /** Adds execs with these numbers as their arguments. */
  addExecs(from: number, to: number): void {
    for (let number = from; number <= to; number++) this.add(execLine(number))
  }

  /** Adds 8 MB of events to a queue of 1 MB; checks that it is bounded, and counts the others. */
  overfill(): void {
    const line = alertLine('high', 'x'.repeat(4000))
    for (let i = 0; i < 2000; i++) this.add(line)
    const { queuedBytes, lost } = this.status
    assert.ok(queuedBytes <= 1 << 20, `${queuedBytes}`)
    assert.ok(sumOf(lost) > 1000)
  }

  /** Sends what is queued within a time limit, in milliseconds. */
  finish(limit = 10_000): Promise<void> {
    return this.#outputs.finish(limit)
  }
}

/** The numbers of execs. */
export function numbersOf(lines: Iterable<string>): number[] {
  return Array.from(lines, (line) => Number(JSON.parse(line).process_exec.process.arguments))
}

/** Whole numbers, both ends included. */
export function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index)
}
