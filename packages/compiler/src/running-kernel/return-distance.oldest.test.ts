import assert from 'node:assert/strict'
import { getPriority } from 'node:os'
import { describe, it } from 'node:test'
import { Btf } from '@tetragon-ts/ebpf/btf'
import { Collection } from '@tetragon-ts/ebpf/collection'
import { probe } from '@tetragon-ts/ebpf/features'
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
import { returnDistance } from './return-distance.ts'

// Another function than the one that the distance is measured at.
const symbol = process.arch === 'arm64' ? '__arm64_sys_getpriority' : '__x64_sys_getpriority'

const kinds: Record<'kprobe' | 'kprobe_multi', { readonly enter: Hook; readonly leave: Hook }> = {
  kprobe: { enter: kprobe(symbol), leave: kretprobe(symbol) },
  kprobe_multi: { enter: kprobeMulti([symbol]), leave: kretprobeMulti([symbol]) },
}

/** Records the stack pointer in the calls of this process. */
function noting(hook: Hook, seen: MapSpec<number, bigint>, index: number): Program {
  return program('tg_pointer', hook, (k) => {
    const pid = k.call('get_current_pid_tgid').shiftRight(32)
    k.when(pid.ne(process.pid), k.exit)
    const pointer = contextRegister(k, 'sp')
    if (pointer) k.update(seen, index, pointer)
  })
}

describe('the distance of the stack pointers at return and entry', () => {
  for (const kind of ['kprobe', 'kprobe_multi'] as const) {
    it(`is that of other functions: ${kind}`, (t) => {
      const { answer, reason } = probe(kind)
      if (answer !== 'yes') return t.skip(`${kind}: ${reason}`)
      const btf = Btf.open()
      const seen = array('tg_pointers', { value: u64, maxEntries: 2 })
      using collection = new Collection({ btf })
      collection.attach(noting(kinds[kind].leave, seen, 1))
      collection.attach(noting(kinds[kind].enter, seen, 0))
      getPriority()
      const [entry, exit] = [0, 1].map((i) => BigInt(collection.map(seen).lookup(i) ?? 0))
      assert.ok(entry > 0n && exit > 0n)
      assert.equal(returnDistance(kind, btf), Number(exit - entry))
    })
  }
})
