import type { Collection } from '@tetragon-ts/ebpf/collection'
import { EbpfError } from '@tetragon-ts/ebpf/errors'
import { type Hook, type Program, votingHookKinds } from '@tetragon-ts/ebpf/lang'
import type { Link } from '@tetragon-ts/ebpf/links'
import type { LoadedProgram } from '@tetragon-ts/ebpf/programs'
import { decidingListsMax, type Verdicts, verdictsMap } from './list-verdicts.ts'
import { Overrider } from './overrider.ts'
import { attachedMax, type Deciding, ProgramList } from './program-list.ts'
import { SyscallDispatchers } from './syscall-dispatchers.ts'

/**
 * Hook kinds whose programs return what the list must do: they have no effect by themselves. The
 * kernel does not run programs with bpf_override_return in lists.
 */
const advisingKinds: ReadonlySet<string> = new Set(['override_return'])

/** Hook kinds whose results decide, and of which the kernel runs all programs. */
const votingKinds: ReadonlySet<string> = new Set(votingHookKinds)

/**
 * Hook kinds with a limit of programs at one attach point: 38 at a function (BPF_MAX_TRAMP_LINKS in
 * include/linux/bpf.h), 64 at a cgroup (BPF_CGROUP_MAX_PROGS) and at a tracepoint with a record
 * (BPF_TRACE_MAX_PROGS). Typed tracepoints have no limit, but a list costs less than many programs.
 */
const sharedKinds: ReadonlySet<string> = new Set([
  ...['fentry', 'fexit', 'lsm', 'fmod_ret'],
  ...['sock_ops', 'cgroup_sock'],
  ...advisingKinds,
  ...votingKinds,
  ...['tracepoint', 'tp_btf', 'raw_tracepoint'],
])

/**
 * Hook kinds whose results decide. The kernel runs no program after one that refuses, so all of
 * them are in lists, which run every program and return the first refusal.
 */
const decidingKinds: ReadonlySet<string> = new Set(['lsm', 'fmod_ret', ...advisingKinds])

/** A list that is attached. */
interface AttachedList {
  /** Where results decide: its number among the lists of the hook; the oldest has 0. */
  readonly number: number
  readonly list: ProgramList
  readonly link: Link
}

/** The programs at one attach point. */
interface AttachPoint {
  attached: number
  readonly lists: AttachedList[]
  /** Where results decide: verdicts of all lists but the oldest. */
  verdicts?: Verdicts | undefined
  /** Where results only advise: the program that overrides the function. */
  overrider?: Overrider | undefined
  /** Programs of this attach point cannot run others on this kernel. */
  cannotShare: boolean
}

/**
 * Attaches policy programs, any number at one point. The first {@link attachedMax} are attached
 * directly and stay so; further ones go into lists, each of which needs one of the kernel's slots.
 * Programs never move, so no hit is lost or seen twice when others are added or removed.
 */
export class HookDispatchers {
  readonly #collection: Collection
  readonly #syscalls: SyscallDispatchers
  readonly #points = new Map<string, AttachPoint>()
  #missedBefore = 0
  #isClosed = false

  /** @param collection holds the lists; it lives as long as the agent */
  constructor(collection: Collection) {
    this.#collection = collection
    this.#syscalls = new SyscallDispatchers(collection)
  }

  /**
   * Attaches a program.
   * @param alone it must be attached directly: its order among programs of the hook matters
   * @throws SystemCallError if the kernel has no room, or does not allow this hook
   */
  attach({ hook }: Program, program: LoadedProgram, alone = false): Link {
    if (hook.attachment.at === 'program') return this.#syscalls.attach(hook, program)
    if (alone || !sharedKinds.has(hook.kind)) return this.#collection.attachTo(hook, program)
    const key = this.#keyOf(hook)
    const point = this.#points.get(key) ?? { attached: 0, lists: [], cannotShare: false }
    const close =
      point.attached < (decidingKinds.has(hook.kind) ? 0 : attachedMax) || point.cannotShare
        ? this.#attachAlone(hook, program, point)
        : this.#insert(hook, program, point)
    this.#points.set(key, point)
    return linkOf(hook, () => {
      close()
      if (point.attached === 0 && point.lists.length === 0) this.#points.delete(key)
    })
  }

  /**
   * Hits that the kernel skipped for all programs of a list because the list was already running on
   * the CPU (Linux 5.12).
   */
  possiblyMissed(): number {
    const lists = [...this.#points.values()].flatMap((point) => point.lists)
    const before = this.#missedBefore + this.#syscalls.possiblyMissed()
    return lists.reduce((sum, { list }) => sum + list.missed(), before)
  }

  /**
   * Removes all lists, for the reason of `SyscallDispatchers.close`. Other programs stay attached.
   */
  close(): void {
    this.#isClosed = true
    this.#syscalls.close()
    for (const point of this.#points.values()) {
      for (const list of [...point.lists]) this.#remove(list, point)
    }
  }

  /** Sleepable programs (BPF_F_SLEEPABLE) have lists of their own. */
  #keyOf(hook: Hook): string {
    const { flags = 0 } = hook.resolve(this.#collection.target.btf)
    return `${hook.kind} ${hook.target} ${flags}`
  }

  #attachAlone(hook: Hook, program: LoadedProgram, point: AttachPoint): () => void {
    const link = this.#collection.attachTo(hook, program)
    point.attached++
    return () => {
      link.close()
      point.attached--
    }
  }

  #insert(hook: Hook, program: LoadedProgram, point: AttachPoint): () => void {
    const free = point.lists.find(({ list }) => !list.isFull) ?? this.#add(hook, point)
    if (!free) return this.#attachAlone(hook, program, point)
    const removeIfEmpty = (): void => this.#removeEmpty(point)
    try {
      const remove = free.list.insert(program)
      return () => {
        if (this.#isClosed) return
        remove()
        removeIfEmpty()
      }
    } catch (error) {
      removeIfEmpty()
      throw error
    }
  }

  /** @returns undefined where programs cannot run others */
  #add(hook: Hook, point: AttachPoint): AttachedList | undefined {
    const decides = decidingKinds.has(hook.kind)
    const numbers = point.lists.map((each) => each.number)
    const number = decides ? firstFree(numbers) : 0
    const isAdvising = advisingKinds.has(hook.kind)
    if (decides && !isAdvising && number >= decidingListsMax) return undefined
    const deciding = this.#deciding(hook, point, number)
    let list: ProgramList
    try {
      list = new ProgramList(`tg_list_${hook.kind}`, hook, this.#collection, deciding)
    } catch (error) {
      if (isAdvising) removeOverrider(point)
      this.#forgetVerdicts(point)
      if (!(error instanceof EbpfError) || isAdvising) throw error
      point.cannotShare = true
      return undefined
    }
    try {
      // From its first run on the oldest list takes its verdicts.
      if (number > 0) tellOldest(point, [...numbers, number])
      const link = this.#collection.link(list.declared, list.runner)
      const added = { number, list, link }
      point.lists.push(added)
      return added
    } catch (error) {
      list.close()
      removeOverrider(point)
      this.#forgetVerdicts(point)
      throw error
    }
  }

  /** How a list takes part in the decision of its hook; undefined if results are not used. */
  #deciding({ kind, target }: Hook, point: AttachPoint, number: number): Deciding | undefined {
    if (votingKinds.has(kind)) return { number }
    if (!decidingKinds.has(kind)) return undefined
    if (advisingKinds.has(kind)) {
      point.overrider ??= new Overrider(target, this.#collection)
      return { number, overrider: point.overrider.verdicts }
    }
    point.verdicts ??= verdictsMap()
    return { number, verdicts: point.verdicts }
  }

  /** Removes empty lists; the oldest of a hook that decides as the last one. */
  #removeEmpty(point: AttachPoint): void {
    for (const each of [...point.lists].reverse()) {
      const isNeeded = point.verdicts !== undefined && each.number === 0 && point.lists.length > 1
      if (each.list.isEmpty && !isNeeded) this.#remove(each, point)
    }
  }

  #remove(gone: AttachedList, point: AttachPoint): void {
    const at = point.lists.indexOf(gone)
    if (at < 0) return
    point.lists.splice(at, 1)
    this.#missedBefore += gone.list.missed()
    this.#collection.remove(gone.link, gone.list.runner)
    gone.list.close()
    removeOverrider(point)
    if (!point.verdicts) return
    if (point.lists.length === 0) return this.#forgetVerdicts(point)
    tellOldest(
      point,
      point.lists.map(({ number }) => number),
    )
  }

  /** Closes the map of verdicts, unless a list needs it. */
  #forgetVerdicts(point: AttachPoint): void {
    if (!point.verdicts || point.lists.length > 0) return
    this.#collection.forget(point.verdicts)
    point.verdicts = undefined
  }
}

/** Removes the program that overrides the function, unless a list needs it. */
function removeOverrider(point: AttachPoint): void {
  if (point.lists.length > 0) return
  point.overrider?.close()
  point.overrider = undefined
}

/** Sets the numbers of the lists whose verdicts the oldest one takes. */
function tellOldest({ lists }: AttachPoint, numbers: readonly number[]): void {
  const oldest = lists.find(({ number }) => number === 0)
  if (!oldest) return
  oldest.list.others = numbers.reduce(
    (bits, number) => (number > 0 ? bits | (1 << number) : bits),
    0,
  )
}

/** The smallest number that is not taken. */
function firstFree(taken: readonly number[]): number {
  let number = 0
  while (taken.includes(number)) number++
  return number
}

function linkOf({ kind, target }: Hook, end: () => void): Link {
  let closed = false
  const close = (): void => {
    if (closed) return
    closed = true
    end()
  }
  return { kind, target, close, detach: async () => close(), [Symbol.dispose]: close }
}
