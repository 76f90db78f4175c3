import { join } from 'node:path'
import { BadValue } from '@tetragon-ts/service/options'
import type { BackoffMs } from '@tetragon-ts/service/retry'
import { ArrivedEvent, compileChoice } from './events/event-filter.ts'
import { Output, type OutputParts } from './output.ts'
import type { OutputStatus } from './output-status.ts'
import { type ClassCounts, type EventClass, eventClasses } from './queue/event-class.ts'
import { EventQueue } from './queue/event-queue.ts'
import type { EventStore, LossReport } from './queue/event-store.ts'
import { checkFolders, type OutputSpecification, readOutput } from './specification.ts'

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

/** An output that nothing has been sent to. */
type OpenedOutput = Omit<OutputParts, 'store'>

/** All outputs of an agent. None holds up another. */
export class Outputs {
  /** By their texts, in the order of the options. */
  #outputs: ReadonlyMap<string, Output>

  /**
   * Opens outputs, without connecting to anything.
   * @param texts each `NAME=URL`
   * @throws BadValue, or errors of filters, if one of them is wrong
   */
  static async open(texts: readonly string[], host: OutputHost): Promise<Outputs> {
    checkFolders(texts.map(readOutput))
    return new Outputs(await startAll(await openAll(texts, host), host))
  }

  private constructor(outputs: ReadonlyMap<string, Output>) {
    this.#outputs = outputs
  }

  /**
   * Ends outputs that are gone or have changed, then starts the new ones; the others go on. Events
   * must not be added until it is done.
   * @param limit how long the former may send what is queued, in milliseconds
   * @returns the last states of outputs that have ended
   * @throws BadValue, or errors of filters, if one of them is wrong: nothing has changed
   */
  async change(
    texts: readonly string[],
    host: OutputHost,
    limit: number,
  ): Promise<readonly OutputStatus[]> {
    checkFolders(texts.map(readOutput))
    const earlier = this.#outputs
    const added = texts.filter((text) => !earlier.has(text))
    const opened = await openAll(added, host)
    const gone = [...earlier].flatMap(([text, output]) => (texts.includes(text) ? [] : [output]))
    // Before others start: they may have the same folder.
    await Promise.all(gone.map((output) => output.finish(limit)))
    const all = new Map([...earlier, ...(await startAll(opened, host))])
    this.#outputs = new Map(
      texts.flatMap((text) => {
        const output = all.get(text)
        return output === undefined ? [] : [[text, output]]
      }),
    )
    return gone.map(({ status }) => status)
  }

  /** Hands an event to the outputs that are to have it. @param line JSON; is copied if kept */
  add(of: EventClass, line: Buffer, now: number): void {
    const event = new ArrivedEvent(line)
    for (const output of this.#outputs.values()) output.offer(event, of, now)
  }

  /** Counts events as lost for all outputs. */
  lose(counts: ClassCounts): void {
    for (const output of this.#outputs.values()) {
      for (const each of eventClasses) if (counts[each] > 0) output.lose(each, counts[each])
    }
  }

  get statuses(): readonly OutputStatus[] {
    return [...this.#outputs.values()].map(({ status }) => status)
  }

  /** Sends what is queued within a time limit, in milliseconds. The rest is lost. */
  async finish(limit: number): Promise<void> {
    const outputs = [...this.#outputs.values()]
    await Promise.all(outputs.map((output) => output.finish(limit)))
  }
}

/** Opens connections. If one is wrong, the others are closed. */
async function openAll(
  texts: readonly string[],
  host: OutputHost,
): Promise<ReadonlyMap<string, OpenedOutput>> {
  const { nodeName, version } = host
  const opened = new Map<string, OpenedOutput>()
  try {
    for (const text of texts) {
      const specification = readOutput(text)
      const { kind, url, values } = specification
      const choice = await compileChoice(values)
      const connection = await kind.open({ url, values, nodeName, version })
      opened.set(text, { specification, choice, connection, ...host })
    }
    return opened
  } catch (error) {
    for (const { connection } of opened.values()) connection.close()
    throw error
  }
}

async function startAll(
  opened: ReadonlyMap<string, OpenedOutput>,
  host: OutputHost,
): Promise<ReadonlyMap<string, Output>> {
  const started = [...opened].map(async ([text, each]): Promise<[string, Output]> => {
    const store = await openStore(each.specification, host)
    return [text, new Output({ ...each, store })]
  })
  return new Map(await Promise.all(started))
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
