import type { Collection } from '@tetragon-ts/ebpf/collection'
import { type Hook, type Program, program, tpBtf } from '@tetragon-ts/ebpf/lang'
import type { Link } from '@tetragon-ts/ebpf/links'
import { array, type MapSpec, progArray } from '@tetragon-ts/ebpf/maps'
import type { LoadedProgram } from '@tetragon-ts/ebpf/programs'
import { arrayOf, u8 } from '@tetragon-ts/ebpf/records'
import {
  callNumber,
  callsPerTable,
  type SyscallArguments,
  type SyscallTracepoint,
  tableOffset,
} from '@tetragon-ts/sensors/kernel/system-calls'
import { attachedMax } from './program-list.ts'
import { SyscallSlot } from './syscall-slot.ts'

const tracepoints = ['sys_enter', 'sys_exit'] as const

/** Programs at one of the tracepoints, by number. */
interface Layer {
  readonly programs: MapSpec<number, number>
  /** Not 0 for the numbers that have a program, in either table. */
  readonly named: NamedCalls
  readonly dispatcher: { readonly link: Link; readonly loaded: LoadedProgram }
  readonly slots: Map<number, SyscallSlot>
}

/**
 * Programs of system calls on kernels where functions cannot be hooked. A small program at the
 * tracepoint jumps to the program of the call's number; a call without a program costs one lookup
 * of a byte. If several policies hook the same call, the first ones get a layer each; after that,
 * layers have lists of programs for that call.
 */
export class SyscallDispatchers {
  readonly #collection: Collection
  #missedBefore = 0
  readonly #layers: Record<SyscallTracepoint, Layer[]> = { sys_enter: [], sys_exit: [] }
  #isClosed = false

  /** @param collection holds what the layers share; it lives as long as the agent */
  constructor(collection: Collection) {
    this.#collection = collection
  }

  /** Adds a program for the calls of its hook. @throws SystemCallError; then it gets none */
  attach({ kind, target, attachment }: Hook, program: LoadedProgram): Link {
    const at = attachment.at === 'program' && tracepoints.find((each) => each === attachment.of)
    if (!at) throw new TypeError(`attach ${target}: not a hook of system calls`)
    const links: Link[] = []
    const close = (): void => {
      for (const link of links.splice(0)) link.close()
    }
    try {
      for (const slot of attachment.slots) links.push(this.insert(at, slot, program))
    } catch (error) {
      close()
      throw error
    }
    return { kind, target, close, detach: async () => close(), [Symbol.dispose]: close }
  }

  /** Adds a program for calls of this number. */
  insert(at: SyscallTracepoint, number: number, program: LoadedProgram): Link {
    const layer = this.#share(at, number, program) ?? this.#occupy(at, number, program)
    let closed = false
    const close = (): void => {
      if (closed || this.#isClosed) return
      closed = true
      if (!layer.slots.get(number)?.remove(program)) return
      layer.slots.delete(number)
      this.#writeNamed(layer)
      if (layer.slots.size === 0) this.#remove(at, layer)
    }
    return {
      kind: 'syscall',
      target: `${at} ${number}`,
      close,
      detach: async () => close(),
      [Symbol.dispose]: close,
    }
  }

  /** @returns undefined if a layer has, or can have, room for a program of this number */
  #share(at: SyscallTracepoint, number: number, program: LoadedProgram): Layer | undefined {
    const layers = this.#layers[at]
    if (layers.length < attachedMax || layers.some(({ slots }) => !slots.has(number))) return
    const hook = tpBtf(at)
    return layers.find(({ slots }) => slots.get(number)?.add(hook, program))
  }

  #occupy(at: SyscallTracepoint, number: number, program: LoadedProgram): Layer {
    const layer = this.#layers[at].find(({ slots }) => !slots.has(number)) ?? this.#add(at)
    try {
      layer.slots.set(number, new SyscallSlot(this.#collection, layer.programs, number, program))
      this.#writeNamed(layer)
      return layer
    } catch (error) {
      layer.slots.delete(number)
      if (layer.slots.size === 0) this.#remove(at, layer)
      throw error
    }
  }

  #add(at: SyscallTracepoint): Layer {
    const programs = progArray('tg_syscalls', { maxEntries: 2 * callsPerTable })
    const named = namedCalls()
    const declared = dispatcherProgram(at, programs, named)
    let loaded: LoadedProgram | undefined
    try {
      loaded = this.#collection.load(declared)
      const link = this.#collection.link(declared, loaded)
      const layer: Layer = { programs, named, dispatcher: { link, loaded }, slots: new Map() }
      this.#layers[at].push(layer)
      return layer
    } catch (error) {
      if (loaded) this.#collection.unload(loaded)
      for (const map of [programs, named]) this.#collection.forget(map as MapSpec)
      throw error
    }
  }

  /**
   * Calls that the kernel skipped because a dispatcher was already running on the CPU (Linux 5.12).
   */
  possiblyMissed(): number {
    const layers = Object.values(this.#layers).flat()
    return layers.reduce((sum, layer) => sum + missedBy(layer), this.#missedBefore)
  }

  /**
   * Removes all dispatchers; programs cannot be added any more. Removing programs one by one takes
   * much longer: for each one the kernel changes the code of the dispatcher and waits until all
   * CPUs use the new code (prog_array_map_poke_run in kernel/bpf/arraymap.c).
   */
  close(): void {
    this.#isClosed = true
    for (const at of tracepoints) {
      for (const layer of [...this.#layers[at]]) {
        this.#remove(at, layer)
        for (const slot of layer.slots.values()) slot.close()
      }
    }
  }

  #remove(at: SyscallTracepoint, layer: Layer): void {
    const { link, loaded } = layer.dispatcher
    this.#missedBefore += missedBy(layer)
    this.#layers[at].splice(this.#layers[at].indexOf(layer), 1)
    this.#collection.remove(link, loaded)
    this.#collection.forget(layer.programs)
    this.#collection.forget(layer.named)
  }

  #writeNamed({ named, slots }: Layer): void {
    const bytes = new Array<number>(callsPerTable).fill(0)
    for (const slot of slots.keys()) bytes[slot % callsPerTable] = 1
    this.#collection.map(named).update(0, bytes)
  }
}

function missedBy({ dispatcher: { loaded } }: Layer): number {
  return loaded.fd.closed ? 0 : Number(loaded.info().recursionMisses)
}

const bytes = arrayOf(u8, callsPerTable)
const namedCalls = () => array('tg_named', { value: bytes })
type NamedCalls = ReturnType<typeof namedCalls>

/** The dispatcher at a tracepoint. */
function dispatcherProgram(at: SyscallTracepoint, programs: MapSpec, named: NamedCalls): Program {
  const hook = tpBtf<SyscallArguments>(at)
  return program(`tg_${at}`, hook, (k, registers, second) => {
    const number = callNumber(at, [registers, second])
    // A program may pass any number: one beyond its own table must not reach the other.
    k.when(number.ge(callsPerTable), k.exit)
    k.when(
      k
        .global(named as MapSpec)
        .at(number)
        .load(1)
        .eq(0),
      k.exit,
    )
    k.tailCall(programs, number.add(tableOffset(k)))
  })
}
