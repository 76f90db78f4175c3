import assert from 'node:assert/strict'
import { getPriority } from 'node:os'
import { describe, it } from 'node:test'
import { Btf } from '@tetragon-ts/ebpf/btf'
import { Collection } from '@tetragon-ts/ebpf/collection'
import { probe } from '@tetragon-ts/ebpf/features'
import { type Program, program } from '@tetragon-ts/ebpf/lang'
import { array, type MapSpec } from '@tetragon-ts/ebpf/maps'
import { u64 } from '@tetragon-ts/ebpf/records'
import { kprobeBackend, kprobeMultiBackend } from '../backends/kprobe.ts'
import { isRefusal } from '../hook/refusal.ts'
import type { Placement } from '../hook-plans/hook-plan.ts'
import type { HookTarget } from '../hook-plans/hook-target.ts'
import { runningKernel } from './running-kernel.ts'

// Another function than the one that the distance is measured at.
const symbol = process.arch === 'arm64' ? '__arm64_sys_getpriority' : '__x64_sys_getpriority'

const target: HookTarget = {
  section: 'kprobes',
  functions: [{ shown: symbol, symbol }],
  syscall: false,
  raw: false,
  returns: true,
  exact: false,
  single: false,
  sleepable: false,
  readsUserMemory: false,
  isNamespaced: false,
  aboutProcess: [],
  selectsWorkloads: false,
  enforces: [],
}

const backends = { kprobe: kprobeBackend, kprobe_multi: kprobeMultiBackend }

/** Keeps the frame of calls of this process. */
function keeping({ hook, hit }: Placement, seen: MapSpec<number, bigint>, index: number): Program {
  return program('tg_frame', hook, (k, ...args) => {
    const pid = k.call('get_current_pid_tgid').shiftRight(32)
    k.when(pid.ne(process.pid), k.exit)
    const { frame } = hit(k, args, k.exit)
    if (frame) k.update(seen, index, frame)
  })
}

describe('the frame of a call', () => {
  for (const kind of ['kprobe', 'kprobe_multi'] as const) {
    it(`is the same at the entry and at the return: ${kind}`, (t) => {
      const { answer, reason } = probe(kind)
      if (answer !== 'yes') return t.skip(`${kind}: ${reason}`)
      const btf = Btf.open()
      const plan = backends[kind].plan(target, runningKernel(btf))
      assert.ok(!isRefusal(plan))
      const seen = array('tg_frames', { value: u64, maxEntries: 2 })
      using collection = new Collection({ btf })
      collection.attach(keeping(plan.leave[0], seen, 1))
      collection.attach(keeping(plan.enter[0], seen, 0))
      getPriority()
      const [entry, exit] = [0, 1].map((i) => BigInt(collection.map(seen).lookup(i) ?? 0))
      assert.ok(entry > 0n)
      assert.equal(entry, exit)
    })
  }
})
