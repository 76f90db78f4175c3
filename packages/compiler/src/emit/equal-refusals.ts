import { type Code, onDemand, type Ptr, program, type Variable } from '@tetragon-ts/ebpf/lang'
import { array, hashMap } from '@tetragon-ts/ebpf/maps'
import { record, u32, u64 } from '@tetragon-ts/ebpf/records'
import { events } from '@tetragon-ts/sensors/kernel/maps'
import { keepsReserve } from '@tetragon-ts/sensors/kernel/ring-share'
import { enforcementOutcomes, RefusalReport, refusalsMax } from '@tetragon-ts/sensors/records/hook'
import { recordKind } from '@tetragon-ts/sensors/records/kinds'
import { plainAddress } from '../backends/plain-address.ts'
import { Mixer } from '../hook/mixer.ts'
import { hookRecord } from '../plan/hook-description.ts'
import type { Choice } from './choose-selector.ts'
import type { EntryState } from './hook-code.ts'
import type { BuiltRecord, HookWriter } from './hook-record.ts'

// A process that repeats a refused operation floods the ring with equal events. The first hit is
// posted; equal ones of the same generation are counted. User space ends a generation about once a
// second: then no program changes its counts any more, and they are reported through the ring,
// after the records of the first hits.

/** Identifies equal hits of a generation: a hash of their record with a random seed. */
const RefusalKey = record('refusal_key', { a: u64, b: u64, generation: u32, padding: u32 })

/** Hits after the first one. */
const RefusalCount = record('refusal_count', {
  count: u64,
  /** Boot time of the last one. */
  last: u64,
  /** Not 0 if the record of the first hit is in the ring; until then no hit is counted. */
  posted: u32,
  padding: u32,
})

/** Refused operations by what they have in common. */
export const refusals = hashMap('tg_refusals', {
  key: RefusalKey,
  value: RefusalCount,
  maxEntries: refusalsMax,
})

/** The generation in which each refusal is posted. */
export const notCounting = 0xffff_ffff

/** The current generation. */
export const refusalGeneration = array('tg_refusal_gen', { value: u32, maxEntries: 1 })

/** The header of all hook records. */
const header = hookRecord([])
/** Bytes. */
const word = 8

/**
 * Counts hits that equal a posted one instead of posting them: refusals of the same process with
 * the same record, but for the time, the thread, and what identifies a socket.
 */
export class EqualRefusals {
  readonly #state: EntryState
  readonly #isCounting: Variable
  #key: { readonly a: Variable; readonly b: Variable; readonly generation: Variable } | undefined

  private constructor(state: EntryState) {
    this.#state = state
    this.#isCounting = state.hit.k.variable(0)
  }

  /** Undefined if a hook counts none. */
  static of(state: EntryState, writer: HookWriter): EqualRefusals | undefined {
    // Pieces of values are in the ring before it is known that the hit is equal.
    const counts = state.planned.extras.refusal && !writer.hasPieces
    return counts ? new EqualRefusals(state) : undefined
  }

  /** Ends the program if the hit equals a posted one: then that one is counted again. */
  exitIfCounted(record: BuiltRecord, { uncertain }: Choice): void {
    const { hit, enforcement } = this.#state
    const { k } = hit
    const { outcome } = enforcement?.fields.enforcement ?? {}
    if (!outcome) return
    const isRefused = outcome.eq(enforcementOutcomes.executed)
    // User space decides about uncertain hits one by one.
    const isCertain = uncertain && (() => uncertain.eq(0))
    const generation = k.variable(k.global(refusalGeneration).load(4))
    const [a, b] = [k.variable(0), k.variable(0)]
    this.#key = { a, b, generation }
    const counts = isRefused.and(() => generation.ne(notCounting))
    k.when(isCertain ? counts.and(isCertain) : counts, () => {
      const hash = hashOf(k, record)
      // Hits at packets have no process.
      if (hit.socket) hash.add(plainAddress(k, k.address(hit.socket as Ptr<object>)))
      a.set(hash.a)
      b.set(hash.b)
      const known = k.lookup(refusals, { a, b, generation })
      k.when(
        known,
        () => {
          k.when(known.posted.ne(0), () => {
            k.assign(known, { last: k.bootTime() })
            k.increment(known, 'count')
            k.exit()
          })
          // The first record was lost, or is on its way.
          this.#isCounting.set(1)
        },
        () => {
          const first = { count: 0, last: 0, posted: 0 }
          const error = k.update(refusals, { a, b, generation }, first, 'new')
          k.when(error.eq(0), () => this.#isCounting.set(1))
        },
      )
      // The fields of a record depend on the policy: types do not know them.
      k.when(this.#isCounting.ne(0), () =>
        k.assign(record.fields, { refusal: { a, b, generation } } as never),
      )
    })
  }

  /** The record could not be sent. */
  lost(): void {
    this.#isCounting.set(0)
  }

  /** The record was sent: hits that equal it are counted from now on. */
  sent(): void {
    const { k } = this.#state.hit
    const key = this.#key
    if (!key) return
    k.when(this.#isCounting.ne(0), () => {
      const entry = k.lookup(refusals, key)
      k.when(entry, () => k.assign(entry, { posted: 1 }))
    })
  }
}

/** Hash of a record without its time and thread. */
function hashOf(k: Code, { bytes, size, largest }: BuiltRecord): Mixer {
  // The last word may be incomplete.
  bytes.at(size.and(largest)).store(word, 0, 0)
  const mixer = new Mixer(k, [])
  const add = (width: 4 | 8, field: string): void =>
    mixer.add(bytes.load(width, header.field(field).offset))
  // Also flags, selector and hook.
  add(8, 'kind')
  add(8, 'start')
  add(4, 'pid')
  // Also the function.
  add(8, 'execs')
  add(8, 'unreadable')
  k.loop(Math.ceil((largest + 1 - header.size) / word), (round, leave) => {
    const at = round.mul(word).add(header.size)
    k.when(at.ge(size), leave)
    mixer.add(bytes.at(at.and(largest & -word)).load(word))
  })
  return mixer
}

/**
 * Sends the number of hits that equal a posted one to the reader, in the order of the ring, where a
 * flood of hook records leaves room for it. Returns 1 on success, 0 if the ring has no room.
 */
export function refusalReporter(ringSize: number) {
  const hook = onDemand('generation', 'a', 'b', 'count', 'last')
  return program('tg_refusals', hook, (k, generation, a, b, count, last) => {
    const keeps = keepsReserve(k, { size: ringSize, share: 'data' }, RefusalReport.size)
    k.when(keeps, () => {
      const fields = { kind: recordKind.refusals, generation, a, b, count, last }
      k.submit(events, RefusalReport, fields, () => k.exit(0))
      k.exit(1)
    })
    k.exit(0)
  })
}
