import type { ActivityCount, Process, WatchActivityResponse } from '@tetragon-ts/api'
import { type ClassCounts, sumOf } from '@tetragon-ts/outputs/queue'
import type { EventTaker } from '../events/event-hub.ts'
import type { StreamedEvent } from '../events/streamed-event.ts'
import type { CallCounter, EventSubscription, ServerHost } from '../server-host.ts'

/** Maximum number of process and name pairs per watcher. */
const maxCounts = 131_072

/** Counts by process and name. */
class Counts {
  readonly byPid = new Map<number, Map<string, number>>()
  /** Counts that did not fit. */
  dropped = 0
  #size = 0

  add(pid: number, name: string, count: number): void {
    let names = this.byPid.get(pid)
    const before = names?.get(name)
    if (before === undefined && this.#size >= maxCounts) {
      this.dropped += count
      return
    }
    if (before === undefined) this.#size++
    if (names === undefined) {
      names = new Map()
      this.byPid.set(pid, names)
    }
    names.set(name, (before ?? 0) + count)
  }

  /** Counts of one process, highest first. */
  of(pid: number): ActivityCount[] {
    const names = [...(this.byPid.get(pid) ?? [])].sort(([, a], [, b]) => b - a)
    return names.map(([name, count]) => ({ name, count: String(count) }))
  }
}

/** Counts since the last response to a watcher. */
class Watcher {
  syscalls = new Counts()
  events = new Counts()
  uncounted = 0
  lostEvents = 0
  /** Processes of events, for those that end before the response. */
  seen = new Map<number, Process>()
  /** The same of the response before: their calls may be counted late. */
  seenBefore = new Map<number, Process>()
}

/**
 * Counts system calls in the kernel and events in passing, while there are watchers. All watchers
 * share one kernel program; each gets the counts since its last response.
 */
export class Activity implements EventTaker {
  readonly #host: ServerHost
  readonly #subscribe: (taker: EventTaker) => EventSubscription
  readonly #watchers = new Set<Watcher>()
  #counter: CallCounter | undefined
  #failure = ''
  #subscription: EventSubscription | undefined

  constructor(host: ServerHost, subscribe: (taker: EventTaker) => EventSubscription) {
    this.#host = host
    this.#subscribe = subscribe
  }

  /** Starts counting for a new watcher. */
  async watch(): Promise<{ take(): Promise<WatchActivityResponse>; close(): void }> {
    if (this.#watchers.size === 0) this.#begin()
    const watcher = new Watcher()
    this.#watchers.add(watcher)
    await this.#subscription?.begun
    let since = performance.now()
    return {
      take: async () => {
        this.#collect()
        const taken = { ...watcher }
        const { uncounted, lostEvents } = taken
        Object.assign(watcher, new Watcher(), { seenBefore: taken.seen })
        const now = performance.now()
        const elapsed = (now - since) / 1000
        since = now
        return {
          elapsed: `${elapsed.toFixed(6)}s`,
          processes: await this.#processes(taken),
          uncounted_syscalls: String(uncounted + taken.syscalls.dropped),
          lost_events: String(lostEvents + taken.events.dropped),
          counts_syscalls: this.#counter !== undefined,
          syscalls_error: this.#failure,
        }
      },
      close: () => {
        if (this.#watchers.delete(watcher) && this.#watchers.size === 0) this.#end()
      },
    }
  }

  #begin(): void {
    try {
      this.#counter = this.#host.kernel.countCalls()
      this.#failure = ''
    } catch (error) {
      // Events are counted anyway.
      this.#failure = (error as Error).message
    }
    this.#subscription = this.#subscribe(this)
  }

  #end(): void {
    this.#counter?.[Symbol.dispose]()
    this.#counter = undefined
    this.#subscription?.close()
    this.#subscription = undefined
  }

  #collect(): void {
    if (this.#counter === undefined) return
    const { counts, uncounted } = this.#counter.take()
    for (const watcher of this.#watchers) {
      for (const { pid, name, count } of counts) watcher.syscalls.add(pid, name, count)
      watcher.uncounted += uncounted
    }
  }

  async #processes(taken: Watcher): Promise<WatchActivityResponse['processes']> {
    const { syscalls, events, seen, seenBefore } = taken
    const pids = new Set([...syscalls.byPid.keys(), ...events.byPid.keys()])
    const known = new Map<number, Process>()
    for (const { process = {}, color } of await this.#host.processes({})) {
      const { pid = 0 } = process
      // A reused pid belongs to the live process.
      if (pids.has(pid) && (color === 'inUse' || !known.has(pid))) known.set(pid, process)
    }
    return [...pids].map((pid) => {
      const process = known.get(pid) ?? seen.get(pid) ?? seenBefore.get(pid)
      return {
        pid,
        exec_id: process?.exec_id,
        binary: process?.binary,
        arguments: process?.arguments,
        namespace: process?.pod?.namespace,
        pod: process?.pod?.name,
        syscalls: syscalls.of(pid),
        events: events.of(pid),
      }
    })
  }

  offer(event: StreamedEvent): void {
    const { pid } = event
    if (pid === undefined) return
    const { subject } = event
    for (const { events, seen } of this.#watchers) {
      events.add(pid, subject.key, 1)
      // Decoded completely only for a new process, or a new program of it.
      const isNew = subject.key === 'process_exec' || !seen.has(pid)
      if (!isNew || seen.size >= maxCounts) continue
      const { process } = subject
      if (process !== undefined) seen.set(pid, process)
    }
  }

  addLost(counts: ClassCounts): void {
    for (const watcher of this.#watchers) watcher.lostEvents += sumOf(counts)
  }

  close(): void {}
}
