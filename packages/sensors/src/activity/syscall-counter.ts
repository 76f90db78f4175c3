import { syscallName } from '@tetragon-ts/api'
import { Collection } from '@tetragon-ts/ebpf/collection'
import { type Int, type Ptr, program, type Target, tpBtf } from '@tetragon-ts/ebpf/lang'
import { array, hashMap } from '@tetragon-ts/ebpf/maps'
import { record, u32, u64 } from '@tetragon-ts/ebpf/records'
import {
  callNumber,
  callsPerTable,
  compatAbi,
  nativeAbi,
  type Registers,
  tableOffset,
} from '../kernel/system-calls.ts'

const CallKey = record('call_key', {
  pid: u32,
  /** Calls of 32-bit programs are after the others, as in the dispatcher. */
  slot: u32,
})

/** Maximum number of pairs of process and call between two reads of the table. */
const maxEntries = 65536

const counts = hashMap('tg_call_counts', {
  key: CallKey,
  value: u64,
  maxEntries,
  preallocate: false,
})

/** System calls that did not fit into the table. */
const uncounted = array('tg_uncounted', { value: u64, maxEntries: 1 })

/** Counts every system call by process and number. */
const countCalls = program(
  'tg_count_calls',
  tpBtf<[registers: Ptr<Registers>, number: Int]>('sys_enter'),
  (k, registers, second) => {
    const number = callNumber('sys_enter', [registers, second])
    // A program may pass any number; all invalid ones are counted as the largest number.
    const known = k.select(number.ge(callsPerTable), callsPerTable - 1, number)
    const pid = k.call('get_current_pid_tgid').shiftRight(32)
    const key = k.stack(CallKey, { pid, slot: known.add(tableOffset(k)) })
    const count = k.lookup(counts, key)
    k.when(count, () => {
      k.increment(count, 'value')
      k.exit()
    })
    k.update(counts, key, 0, 'new')
    const added = k.lookup(counts, key)
    k.when(
      added,
      () => k.increment(added, 'value'),
      () => {
        const missed = k.lookup(uncounted, 0)
        k.when(missed, () => k.increment(missed, 'value'))
      },
    )
  },
)

/** How often a process made a call since the last read. */
export interface CallCount {
  readonly pid: number
  /** Such as `openat`; with the ABI as a prefix for a 32-bit program. */
  readonly name: string
  readonly count: number
}

function nameOf(slot: number): string {
  if (slot < callsPerTable) return syscallName(nativeAbi, slot) ?? `syscall_${slot}`
  const number = slot - callsPerTable
  return `${compatAbi}/${syscallName(compatAbi, number) ?? `syscall_${number}`}`
}

/**
 * Counts the system calls of all processes until it is disposed, which costs some 250 ns each: the
 * lookup here and the kernel's slow path into a call. Kernel 5.5 (typed tracepoints).
 */
export class SyscallCounter implements Disposable {
  readonly #collection: Collection
  #uncountedBefore = 0

  /** @throws VerifierError, SystemCallError */
  constructor(target: Target) {
    this.#collection = new Collection(target)
    try {
      this.#collection.attach(countCalls)
    } catch (error) {
      this.#collection.close()
      throw error
    }
  }

  /** Counts since the last call, and the number of calls that did not fit. */
  take(): { readonly counts: readonly CallCount[]; readonly uncounted: number } {
    const taken = this.#collection
      .map(counts)
      .drain()
      .map(([{ pid, slot }, count]) => ({ pid, name: nameOf(slot), count: Number(count) }))
    const [program] = this.#collection.programs
    const misses = Number(program.info().recursionMisses)
    const all = Number(this.#collection.map(uncounted).lookup(0) ?? 0n) + misses
    const before = this.#uncountedBefore
    this.#uncountedBefore = all
    return { counts: taken, uncounted: all - before }
  }

  [Symbol.dispose](): void {
    this.#collection.close()
  }
}
