import { processFlags } from '@tetragon-ts/api'
import type { Process } from '../../processes/process.ts'
import { noWorkload } from '../../processes/workload.ts'
import type { EventContext } from '../event-context.ts'
import { noText } from '../json/process-image-json.ts'
import { initPid, initProcess } from './first-processes.ts'
import type { ProcessEventWriter } from './process-event-writer.ts'
import type { Identity } from './process-input.ts'
import type { RunningProcess } from './start-order.ts'

/** Finds the processes that records name as parents. */
export class Parents {
  readonly #context: EventContext
  readonly #writer: ProcessEventWriter
  /** Until the running processes have been read, parents may be missing. */
  isStarting = true

  /** @param writer for events of parents without a record */
  constructor(context: EventContext, writer: ProcessEventWriter) {
    this.#context = context
    this.#writer = writer
  }

  /**
   * The parent of a process that was forked or replaced its image before the iterator found the
   * parent, where that ended or replaced its image in between: all that is known is that it was
   * there.
   */
  before({ key, parent, euid, auid }: Identity): Process | undefined {
    // The parent of an image that replaced another one is that one.
    if (!this.isStarting || parent.pid === 0 || parent.pid === key.pid) return undefined
    const { execIds, cache } = this.#context
    const { pid, ktime, ktimeHigh, ktimeLow } = parent
    const execId = execIds.format(ktimeHigh, ktimeLow, pid)
    const process: Process = {
      ...{ pid, start: ktime, execs: 0, ktime, ktimeHigh, ktimeLow, execId },
      ...{ parent: undefined, parentExecId: execIds.format(0, 1, 0) },
      ...{ flags: processFlags.procFS | processFlags.miss, euid, auid },
      ...{ namespacePid: 0, workload: noWorkload, image: '', details: '' },
      ...{ json: undefined, references: 0 },
    }
    cache.addEnded(process)
    this.#writer.exec(process, noText, '')
    return process
  }

  /**
   * The parent that the kernel side names: a live image, the previous one of this process included.
   * One that ended or replaced itself after the fork is still known to its child.
   */
  of({ key, parent }: Identity): Process | undefined {
    const { cache } = this.#context
    const live = this.live(parent)
    if (live) return live
    const remembered = cache.get(key.pid)?.parent
    const same = remembered?.pid === parent.pid && remembered.ktime === parent.ktime
    return same ? remembered : undefined
  }

  /** A live process, also the first one where the task iterator leaves it out. */
  live(key: RunningProcess['parent']): Process | undefined {
    const { cache } = this.#context
    const live = cache.find(key.pid, key.ktime)
    if (live || key.pid !== initPid || cache.get(initPid)) return live
    const init = initProcess(this.#context, key)
    cache.add(init)
    this.#writer.exec(init, noText, '')
    return init
  }
}
