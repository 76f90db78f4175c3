import type { Btf } from '@tetragon-ts/ebpf/btf'
import { Collection } from '@tetragon-ts/ebpf/collection'
import { EbpfError } from '@tetragon-ts/ebpf/errors'
import {
  type Hook,
  kprobe,
  kprobeMulti,
  kretprobe,
  kretprobeMulti,
  type Program,
  program,
} from '@tetragon-ts/ebpf/lang'
import { array, type MapSpec } from '@tetragon-ts/ebpf/maps'
import { u64 } from '@tetragon-ts/ebpf/records'
import { contextRegister } from '../hook/registers.ts'

/** A kernel function that this process calls itself and others rarely call. */
const symbol = process.arch === 'arm64' ? '__arm64_sys_getgid' : '__x64_sys_getgid'
const callIt = (): void => void process.getgid?.()

const kinds = {
  kprobe: { enter: kprobe(symbol) as Hook, leave: kretprobe(symbol) as Hook },
  kprobe_multi: { enter: kprobeMulti([symbol]) as Hook, leave: kretprobeMulti([symbol]) as Hook },
}

const known = new Map<string, number | undefined>()

/**
 * Difference of the stack pointer that kprobes see at a function's return and at its entry: with it
 * both identify the call. It is measured because it depends on the kernel.
 * @returns undefined if it cannot be measured
 */
export function returnDistance(kind: keyof typeof kinds, btf: Btf): number | undefined {
  if (!known.has(kind)) known.set(kind, measure(kinds[kind], btf))
  return known.get(kind)
}

function measure({ enter, leave }: (typeof kinds)['kprobe'], btf: Btf): number | undefined {
  const seen = array('tg_distance', { value: u64, maxEntries: 2 })
  using collection = new Collection({ btf })
  try {
    collection.attach(noting(leave, seen, 1))
    collection.attach(noting(enter, seen, 0))
    callIt()
    const map = collection.map(seen)
    const [before, after] = [BigInt(map.lookup(0) ?? 0), BigInt(map.lookup(1) ?? 0)]
    return before === 0n || after === 0n ? undefined : Number(after - before)
  } catch (error) {
    if (error instanceof EbpfError) return undefined
    throw error
  }
}

/** Records the stack pointer when this process calls the function. */
function noting(hook: Hook, seen: MapSpec<number, bigint>, index: number): Program {
  return program('tg_distance', hook, (k) => {
    const pid = k.call('get_current_pid_tgid').shiftRight(32)
    k.when(pid.ne(process.pid), k.exit)
    const pointer = contextRegister(k, 'sp')
    if (pointer) k.update(seen, index, pointer)
  })
}
