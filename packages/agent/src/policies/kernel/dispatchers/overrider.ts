import type { Collection } from '@tetragon-ts/ebpf/collection'
import { type Code, kprobe, program, type Variable } from '@tetragon-ts/ebpf/lang'
import type { Link } from '@tetragon-ts/ebpf/links'
import { perCpuArray } from '@tetragon-ts/ebpf/maps'
import type { LoadedProgram } from '@tetragon-ts/ebpf/programs'
import { record, u64 } from '@tetragon-ts/ebpf/records'

// Programs with bpf_override_return cannot run others (bpf_prog_map_compatible in
// kernel/bpf/core.c). So lists at breakpoints leave their verdict, and a program that runs after
// all of them overrides the function. The kernel runs the breakpoint's programs one after the
// other, the newest first, on one CPU and without preemption: a verdict for each CPU is enough.

/** A verdict, and the thread that it is for. */
const Verdict = record('verdict', {
  /** 0, or a negative error number. */
  error: u64,
  /** As bpf_get_current_pid_tgid gives it. */
  thread: u64,
})
const verdictMap = () => perCpuArray('tg_override', { value: Verdict, maxEntries: 1 })
export type OverrideVerdict = ReturnType<typeof verdictMap>

/** At the end of a list: leaves its verdict, unless another list has left one. */
export function leaveForOverrider(k: Code, map: OverrideVerdict, verdict: Variable): void {
  k.when(verdict.ne(0), () => {
    const left = k.lookup(map, 0)
    k.when(left, () => {
      const thread = k.call('get_current_pid_tgid')
      const isFirst = left.error.eq(0).or(() => left.thread.ne(thread))
      k.when(isFirst, () => k.assign(left, { error: verdict, thread }))
    })
  })
}

/** The program that overrides a function: attached before the first list, and removed last. */
export class Overrider {
  /** Where lists leave verdicts. */
  readonly verdicts = verdictMap()
  readonly #collection: Collection
  readonly #program: LoadedProgram
  readonly #link: Link

  /** @throws SystemCallError if the function cannot be overridden */
  constructor(symbol: string, collection: Collection) {
    const { verdicts } = this
    const declared = program('tg_override', kprobe(symbol), (k) => {
      const left = k.lookup(verdicts, 0)
      k.when(left, () => {
        const error = k.variable(left.error)
        k.when(error.ne(0), () => {
          k.assign(left, { error: 0 })
          // A breakpoint of another tool may have ended an earlier call before this program ran.
          const isOwn = left.thread.eq(k.call('get_current_pid_tgid'))
          k.when(isOwn, () => void k.call('override_return', k.context, error))
        })
      })
    })
    this.#collection = collection
    this.#program = collection.load(declared)
    try {
      this.#link = collection.link(declared, this.#program)
    } catch (error) {
      collection.unload(this.#program)
      collection.forget(verdicts)
      throw error
    }
  }

  close(): void {
    this.#collection.remove(this.#link, this.#program)
    this.#collection.forget(this.verdicts)
  }
}
