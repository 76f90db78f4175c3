import { processFlags } from '@tetragon-ts/api'
import type { Process } from '../../processes/process.ts'
import { noWorkload } from '../../processes/workload.ts'
import type { EventContext } from '../event-context.ts'
import { noDetails } from '../json/exec-details-json.ts'
import { initPid, initProcess } from './first-processes.ts'
import type { HeldProcesses } from './held-processes.ts'
import type { Identity } from './process-builder.ts'
import type { ProcessEventWriter } from './process-event-writer.ts'
import type { RunningProcess } from './start-order.ts'

/** Finds parents that records name although the cache has no live image of them. */
export class MissingParents {
  readonly #context: EventContext
  readonly #writer: ProcessEventWriter
  /**
   * Parents that `before` has added, by exec id: each has one event, however many children it left.
   * Undefined once the running processes have been read: then no parent is missing.
   */
  #before: Map<string, Process> | undefined = new Map()
  /** Processes whose events are not posted; undefined: there are none. */
  held: Pick<HeldProcesses, 'ancestor'> | undefined

  /** @param writer for events of parents without a record */
  constructor(context: EventContext, writer: ProcessEventWriter) {
    this.#context = context
    this.#writer = writer
  }

  /** Whether parents may be missing: the running processes have not been read yet. */
  get isStarting(): boolean {
    return this.#before !== undefined
  }

  /** The running processes have been read. */
  endStart(): void {
    this.#before = undefined
  }

  /**
   * The parent of a process that was forked or replaced its image before the walk found the
   * parent, if the parent ended or replaced its image in between: only its existence is known.
   */
  before({ key, parent, euid, auid }: Identity): Process | undefined {
    // The previous image is the parent of an image that replaced it.
    if (!this.#before || parent.pid === 0 || parent.pid === key.pid) return undefined
    const { execIds, cache } = this.#context
    const { pid, ktime, ktimeHigh, ktimeLow } = parent
    const execId = execIds.format(ktimeHigh, ktimeLow, pid)
    const known = this.#before.get(execId)
    if (known) {
      if (known.references === 0) cache.addEnded(known)
      return known
    }
    const process: Process = {
      pid,
      start: ktime,
      execs: 0,
      ktime,
      ktimeHigh,
      ktimeLow,
      execId,
      parent: undefined,
      parentExecId: execIds.format(0, 1, 0),
      flags: processFlags.procFS | processFlags.miss,
      euid,
      auid,
      namespacePid: 0,
      workload: noWorkload,
      image: '',
      details: '',
      json: undefined,
      references: 0,
    }
    this.#before.set(execId, process)
    cache.addEnded(process)
    this.#writer.exec(process, noDetails)
    return process
  }

  /**
   * The parent of a process whose exec is read, if it ended or replaced itself after the fork: the
   * previous image of the process still refers to it.
   */
  remembered({ key, parent }: Identity): Process | undefined {
    const remembered = this.#context.cache.get(key.pid)?.parent
    const same = remembered?.pid === parent.pid && remembered.ktime === parent.ktime
    return same ? remembered : undefined
  }

  /**
   * A process whose events are not posted, one that ended or replaced its image a moment ago, or
   * the first process if the walk omits it.
   */
  find(key: RunningProcess['parent']): Process | undefined {
    const { cache } = this.#context
    const found = this.held?.ancestor(key.pid, key.ktime) ?? cache.former(key.pid, key.ktime)
    if (found || key.pid !== initPid || cache.get(initPid)) return found
    const init = initProcess(this.#context, key)
    cache.add(init)
    this.#writer.exec(init, noDetails)
    return init
  }
}
