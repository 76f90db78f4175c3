import { join } from 'node:path'
import { BadValue } from '@tetragon-ts/service/options'
import type { BackoffMs } from '@tetragon-ts/service/retry'
import { ArrivedEvent, compileChoice } from './events/event-filter.ts'
import { Output } from './output.ts'
import type { OutputStatus } from './output-status.ts'
import { type ClassCounts, type EventClass, eventClasses } from './queue/event-class.ts'
import { EventQueue } from './queue/event-queue.ts'
import type { EventStore, LossReport } from './queue/event-store.ts'
import { type OutputSpecification, readOutput } from './specification.ts'

/** What outputs know of the agent. */
export interface OutputHost {
  readonly nodeName: string
  readonly version: string
  readonly report: LossReport
  /** Has a folder for each output with a spool, by name; undefined: there can be none. */
  readonly spoolFolder: string | undefined
  /** Why events cannot be there: outputs with a spool keep them in memory. */
  readonly spoolFailure?: string | undefined
  /** A message for the operator. */
  warn(message: string): void
  /** Pauses between attempts to send. */
  readonly pauses?: BackoffMs
}

/** All outputs of an agent. None holds up another. */
export class Outputs {
  readonly #outputs: readonly Output[]

  /**
   * Opens outputs, without connecting to anything.
   * @param texts each `NAME=URL`
   * @throws BadValue, or errors of filters, if one of them is wrong
   */
  static async open(texts: readonly string[], host: OutputHost): Promise<Outputs> {
    const { nodeName, version } = host
    const parts = await Promise.all(
      texts.map(async (text) => {
        const specification = readOutput(text)
        const { kind, url, values } = specification
        const choice = await compileChoice(values)
        const connection = await kind.open({ url, values, nodeName, version })
        return { specification, choice, connection, ...host }
      }),
    )
    // All of them are right: nothing has to be closed.
    const outputs = parts.map(async (each) => {
      return new Output({ ...each, store: await openStore(each.specification, host) })
    })
    return new Outputs(await Promise.all(outputs))
  }

  private constructor(outputs: readonly Output[]) {
    this.#outputs = outputs
  }

  /** Hands an event to the outputs that are to have it. @param line JSON; is copied if kept */
  add(of: EventClass, line: Buffer, now: number): void {
    const event = new ArrivedEvent(line)
    for (const output of this.#outputs) output.offer(event, of, now)
  }

  /** Counts events as lost for all outputs. */
  lose(counts: ClassCounts): void {
    for (const output of this.#outputs) {
      for (const each of eventClasses) if (counts[each] > 0) output.lose(each, counts[each])
    }
  }

  get statuses(): readonly OutputStatus[] {
    return this.#outputs.map(({ status }) => status)
  }

  /** Sends what is queued within a time limit, in milliseconds. The rest is lost. */
  async finish(limit: number): Promise<void> {
    await Promise.all(this.#outputs.map((output) => output.finish(limit)))
  }
}

async function openStore(
  { name, values }: OutputSpecification,
  { spoolFolder, spoolFailure, report, warn }: OutputHost,
): Promise<EventStore> {
  const { queue, spool } = values
  if (spool === 0) return new EventQueue(queue, report)
  if (spoolFolder === undefined) {
    throw new BadValue(`output ${name}: spool: only an agent keeps events on disk`)
  }
  if (spoolFailure !== undefined) return new EventQueue(queue, report, spoolFailure)
  const { Spool } = await import('./spool/spool.ts')
  return new Spool({
    folder: join(spoolFolder, name),
    limit: spool,
    memory: queue,
    report,
    warn: (message) => warn(`output ${name}: ${message}`),
  })
}
