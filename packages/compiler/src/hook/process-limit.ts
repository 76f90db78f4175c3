import type { Int } from '@tetragon-ts/ebpf/lang'
import { array, lruHashMap, type MapSpec } from '@tetragon-ts/ebpf/maps'
import { record, u32, u64 } from '@tetragon-ts/ebpf/records'
import type { Policy } from '@tetragon-ts/policy'
import { startOf } from '@tetragon-ts/sensors/process/identity'
import type { Hit } from './hit.ts'

const minuteNs = 60_000_000_000

/** Processes within a minute. */
const Minute = record('process_minute', { minute: u64, processes: u64 })

/** A process and the minute in which it was last hit. */
const Counted = record('counted_process', { started: u64, minute: u64 })

/** Each CPU takes up to 128 entries of such a map in advance: kernel/bpf/bpf_lru_list.c. */
const entriesPerCpu = 128

/**
 * The limit that a policy sets for itself (`process-limit`): once its actions would hit more
 * processes within a minute, it monitors. The kernel decides that, without the agent.
 */
export class ProcessLimit {
  readonly #max: number
  readonly #minute = array('tg_limit', { value: Minute })
  readonly #counted

  private constructor(max: number) {
    this.#max = max
    // An entry that is dropped too early is counted twice: the limit is reached earlier.
    const maxEntries = 4 * max
    this.#counted = lruHashMap('tg_limited', {
      key: u32,
      value: Counted,
      maxEntries,
      entriesPerCpu,
    })
  }

  /** Undefined if a policy has none. */
  static of({ options: { processLimit } }: Policy): ProcessLimit | undefined {
    return processLimit === undefined ? undefined : new ProcessLimit(processLimit)
  }

  /**
   * Counts the process of a hit.
   * @param mode not 0 while the policy enforces; set to 0 when the limit is exceeded
   * @returns 0 if it was: then nothing must be executed
   */
  count({ k, task }: Hit, mode: MapSpec): Int {
    const minute = k.variable(k.bootTime().div(minuteNs))
    const isNew = k.variable(1)
    const before = k.lookup(this.#counted, task.tgid)
    k.when(before, () => {
      k.when(
        before.minute.eq(minute).and(() => before.started.eq(startOf(task))),
        () => isNew.set(0),
      )
    })
    const isWithin = k.variable(1)
    k.when(isNew.ne(0), () => {
      k.update(this.#counted, task.tgid, { started: startOf(task), minute })
      const current = k.view(k.global(this.#minute as MapSpec), Minute)
      k.when(current.minute.ne(minute), () => k.assign(current, { minute, processes: 0 }))
      k.increment(current, 'processes')
      k.when(current.processes.gt(this.#max), () => {
        k.global(mode).store(4, 0, 0)
        isWithin.set(0)
      })
    })
    return isWithin
  }

  /** Counts from zero again. @param map opens a map of the policy */
  reset(map: <K, V>(spec: MapSpec<K, V>) => { update(key: K, value: V): void }): void {
    map(this.#minute).update(0, { minute: 0n, processes: 0n })
  }
}
