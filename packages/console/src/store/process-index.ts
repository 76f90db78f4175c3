import type { Event, Process } from '@tetragon-ts/api'
import { Descent } from './descent.ts'
import type { ProcessFacts } from './process-facts.ts'
import { isSameProcess, previousOf, processesOf } from './process-images.ts'
import type { ProcessRows } from './process-rows.ts'
import { containerName, podText, processDetails, userText } from './process-text.ts'

/** Maximum characters of a binary and of arguments: the whole is in the event. */
const textMax = 2000
/** Maximum depth of lineages: texts of events may claim anything. */
const depthMax = 512
/** Maximum images of a process: it may execute itself in a loop. */
const imagesMax = 512

/** The processes of the events so far, and their descent. */
export class ProcessIndex {
  readonly #processesMax: number
  readonly #bytesMax: number
  #bytes = 0
  readonly #processes = new Map<string, ProcessFacts>()
  readonly #descent = new Descent(this.#processes)
  /** The latest image of a process, by node and pid. */
  readonly #latest = new Map<string, ProcessFacts>()
  /** The same among the events of the past that are being read. */
  readonly #pastLatest = new Map<string, ProcessFacts>()
  /** Processes that were dropped. */
  dropped = 0

  constructor(processesMax: number, bytesMax: number) {
    this.#processesMax = processesMax
    this.#bytesMax = bytesMax
  }

  get size(): number {
    return this.#processes.size
  }

  /** Adds what an event says. @param time of the event, in milliseconds since 1970 */
  see(event: Event, time: number): void {
    this.#see(event, time, this.#latest, (process, node) => this.#learn(process, node))
  }

  /** Adds what an event of the past says: events that have arrived know more. */
  seePast(event: Event, time: number): void {
    this.#see(event, time, this.#pastLatest, (process, node) => {
      return this.#processes.get(process.exec_id ?? '') ?? this.#learn(process, node)
    })
  }

  /** The past is read: joins it with what happened after it. */
  endPast(): void {
    for (const [place, facts] of this.#pastLatest) {
      const next = this.#latest.get(place)
      if (next === undefined) this.#latest.set(place, facts)
      else if (next !== facts && next.start !== undefined) this.#follow(facts, next, next.start)
    }
    this.#pastLatest.clear()
  }

  #see(
    { key, body, response }: Event,
    time: number,
    latest: Map<string, ProcessFacts>,
    learn: (process: Process, node: string) => ProcessFacts | undefined,
  ): void {
    const node = response.node_name ?? ''
    if ('parent' in body && body.parent) notice(learn(body.parent, node), latest)
    const process = 'process' in body ? body.process : undefined
    const facts = process && learn(process, node)
    if (facts === undefined) return
    if (key === 'process_exec') this.#replacePrevious(facts, time, latest)
    else if (key !== 'process_exit') {
      facts.events++
      notice(facts, latest)
    }
    if (key === 'process_exit') {
      facts.end = time
      facts.ending = body.signal ? body.signal : `exit ${body.status ?? 0}`
    }
  }

  #replacePrevious(facts: ProcessFacts, time: number, latest: Map<string, ProcessFacts>): void {
    const place = `${facts.node} ${facts.pid}`
    const previous = latest.get(place)
    latest.set(place, facts)
    if (previous !== undefined && previous !== facts) this.#follow(previous, facts, time)
  }

  /** An image that has not ended was replaced by the next one. */
  #follow(previous: ProcessFacts, facts: ProcessFacts, time: number): void {
    if (previous.end !== undefined) return
    const isCopy = previous.parentExecId === facts.parentExecId
    if (isCopy && facts.parentExecId !== '') this.#replace(previous, facts)
    previous.end = time
    previous.ending = 'exec'
  }

  /** A copy of the parent that executed another program: its child is that of the parent. */
  #replace({ execId }: ProcessFacts, facts: ProcessFacts): void {
    this.#descent.delete(facts)
    facts.replaced = execId
    this.#descent.add(facts)
  }

  /** Later events know more. */
  #learn(process: Process, node: string): ProcessFacts | undefined {
    const { exec_id: execId = '', parent_exec_id: parentExecId = '', pid = 0 } = process
    if (execId === '') return undefined
    const known = this.#processes.get(execId)
    const start = process.start_time === undefined ? Number.NaN : Date.parse(process.start_time)
    const facts = {
      parentExecId,
      pid,
      binary: cut(process.binary),
      args: cut(process.arguments),
      pod: podText(process),
      user: cut(userText(process)),
      container: cut(containerName(process)),
      node,
      details: cut(processDetails(process)),
      start: Number.isNaN(start) ? undefined : start,
    }
    const added = known ?? { execId, replaced: '', ...facts, end: undefined, ending: '', events: 0 }
    const hasMoved = known === undefined || !isAtSamePlace(known, facts)
    if (known === undefined) this.#makeRoom()
    else this.#bytes -= sizeOf(known)
    if (known !== undefined && hasMoved) this.#descent.delete(known)
    this.#processes.set(execId, Object.assign(added, facts))
    if (hasMoved) this.#descent.add(added)
    this.#bytes += sizeOf(added)
    return added
  }

  /** Drops the oldest processes, those that have ended first: many, since that takes time. */
  #makeRoom(): void {
    if (this.#processes.size < this.#processesMax && this.#bytes < this.#bytesMax) return
    const count = Math.max(1, this.#processes.size >> 4)
    const all = [...this.#processes.values()]
    const ended = all.filter(({ end }) => end !== undefined)
    const running = all.filter(({ end }) => end === undefined)
    for (const facts of [...ended, ...running].slice(0, count)) {
      const { execId, node, pid } = facts
      this.#processes.delete(execId)
      this.#descent.delete(facts)
      this.#bytes -= sizeOf(facts)
      const place = `${node} ${pid}`
      for (const latest of [this.#latest, this.#pastLatest]) {
        if (latest.get(place)?.execId === execId) latest.delete(place)
      }
      this.dropped++
    }
  }

  /** The process and those above it, the root first. */
  lineage(execId: string): ProcessFacts[] {
    const line: ProcessFacts[] = []
    const seen = new Set<string>()
    for (let id = execId; !seen.has(id) && line.length < depthMax; ) {
      seen.add(id)
      const facts = this.#processes.get(id)
      if (facts === undefined) break
      line.unshift(facts)
      id = previousOf(facts)
    }
    return line
  }

  /** Whether a test accepts the process or one of those above it. */
  isBelow(execId: string, test: (facts: ProcessFacts) => boolean): boolean {
    let facts = this.#processes.get(execId)
    for (let depth = 0; facts !== undefined && depth < depthMax; depth++) {
      if (test(facts)) return true
      facts = this.#processes.get(previousOf(facts))
    }
    return false
  }

  /** What a process started or executed, the first one first. */
  children(execId: string): readonly ProcessFacts[] {
    return this.#descent.childrenOf(execId)
  }

  /**
   * Processes as a tree, each below its parent, and siblings in the order of their starts.
   * @param isShown undefined: all are
   * @param collapsed exec ids of processes below which nothing is shown
   */
  tree(isShown?: (facts: ProcessFacts) => boolean, collapsed?: ReadonlySet<string>): ProcessRows {
    return this.#descent.rows(isShown && this.#withAncestors(isShown), collapsed)
  }

  /**
   * The images of the process of an image, the first one first, and of very many the last ones;
   * empty if it is unknown.
   */
  images(execId: string): ProcessFacts[] {
    const images = processesOf(this.lineage(execId)).at(-1) ?? []
    const seen = new Set(images)
    for (let last = images.at(-1); last !== undefined; ) {
      const previous: ProcessFacts = last
      last = this.children(last.execId).findLast(
        (next) => isSameProcess(next, previous) && !seen.has(next),
      )
      if (last === undefined) break
      seen.add(last)
      images.push(last)
    }
    return images.slice(-imagesMax)
  }

  #withAncestors(isShown: (facts: ProcessFacts) => boolean): Set<ProcessFacts> {
    const wanted = new Set<ProcessFacts>()
    for (const facts of this.#processes.values()) {
      if (!isShown(facts)) continue
      let next: ProcessFacts | undefined = facts
      while (next !== undefined && !wanted.has(next)) {
        wanted.add(next)
        next = this.#processes.get(previousOf(next))
      }
    }
    return wanted
  }
}

/** Takes an image that did something: a copy of its parent has no event of its start. */
function notice(facts: ProcessFacts | undefined, all: Map<string, ProcessFacts>): void {
  if (facts === undefined || facts.end !== undefined) return
  const place = `${facts.node} ${facts.pid}`
  const latest = all.get(place)
  if (latest === undefined || latest.end !== undefined) all.set(place, facts)
}

function cut(text = ''): string {
  return text.length > textMax ? `${text.slice(0, textMax)}…` : text
}

/** Bytes that a process takes, about. */
function sizeOf(facts: ProcessFacts): number {
  const { execId, parentExecId, binary, args, pod, node, details, user, container } = facts
  const texts = [execId, parentExecId, binary, args, pod, node, details, user, container]
  return 450 + texts.reduce((size, text) => size + 2 * text.length, 0)
}

/** Whether the place of a process in the tree is the same. */
function isAtSamePlace(
  a: Pick<ProcessFacts, 'parentExecId' | 'start' | 'pid'>,
  b: Pick<ProcessFacts, 'parentExecId' | 'start' | 'pid'>,
): boolean {
  return a.parentExecId === b.parentExecId && a.start === b.start && a.pid === b.pid
}
