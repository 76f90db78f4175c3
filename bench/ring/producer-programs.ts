import {
  type Code,
  type Int,
  type Program,
  type Ptr,
  program,
  rawTracepoint,
} from '@tetragon-ts/ebpf/lang'
import { array, type MapSpec } from '@tetragon-ts/ebpf/maps'
import { arrayOf, record, u8, u64 } from '@tetragon-ts/ebpf/records'
import { ExitRecord, events, recordKind } from '@tetragon-ts/sensors'
import { templateOffsets } from './exec-template.ts'
import { livingProcesses } from './living-processes.ts'
import { ForkRecord } from './records.ts'

/** Maximum number of processes of one run of the program. */
export const largestBatch = 4096

/** Pids are reused, as under load on a large machine. */
const firstPid = 100_000
const pidMask = 0x3ffff
/** CLONE, the flag of a fork. */
const clone = 0x4000

export interface Parent {
  readonly pid: number
  readonly ktime: bigint
}

/** Records that did not fit into the ring. */
export const producerLosses = array('tg_bench_losses', { value: u64 })

/** One exec record for each CPU. */
export const templates = (size: number, cpus: number): MapSpec<number, readonly number[]> =>
  array('tg_bench_execs', { value: arrayOf(u8, size), maxEntries: cpus })

/** Times of fork and exec of each live process, by its number modulo their count. */
const Times = record('times', { start: u64, ktime: u64 })
const processTimes = array('tg_bench_times', { value: Times, maxEntries: livingProcesses })

/** A raw tracepoint with two 64-bit arguments, which a test run can set. */
const hook = () => rawTracepoint<[first: Ptr<object>, count: Int]>('sys_enter')

/** Sends the exec record of the parent of all processes, unchanged from the template. */
export function parentProgram(template: MapSpec, size: number): Program {
  return program('tg_bench_parent', hook(), (k, _first, _count) => {
    const memory = k.scratch(template)
    const result = k.call('ringbuf_output', events, memory, size, 0)
    k.when(result.ne(0), () => countLoss(k))
  })
}

/**
 * Sends fork and exec of the processes number `first` to `first + count - 1`, each after the exit
 * of an earlier one. Records, reservations and wake-ups are those of the sensors.
 */
export function producerProgram(template: MapSpec, size: number, parent: Parent): Program {
  return program('tg_bench_produce', hook(), (k, firstArgument, count) => {
    const first = k.address(firstArgument)
    const memory = k.scratch(template)
    k.loop(largestBatch, (round, leave) => {
      k.when(round.ge(count), leave)
      const index = first.add(round)
      const times = k.lookup(processTimes, index.and(livingProcesses - 1))
      k.unless(times, leave)
      k.when(index.ge(livingProcesses), () => {
        const pid = pidOf(index.sub(livingProcesses))
        const { start, ktime } = times
        const exit = { status: 0, key: { ktime, pid }, start, time: k.bootTime() }
        const record = { kind: recordKind.exit, ...exit }
        k.submit(events, ExitRecord, record, () => countLoss(k))
      })
      const pid = pidOf(index)
      const start = sendFork(k, pid, parent)
      const ktime = k.bootTime()
      k.assign(times, { start, ktime })
      memory.store(8, templateOffsets.start, start)
      memory.store(8, templateOffsets.ktime, ktime)
      memory.store(4, templateOffsets.pid, pid)
      const result = k.call('ringbuf_output', events, memory, size, 0)
      k.when(result.ne(0), () => countLoss(k))
    })
  })
}

const pidOf = (index: Int): Int => index.and(pidMask).add(firstPid)

/** @returns time of the event */
function sendFork(k: Code, pid: Int, parent: Parent): Int {
  const start = k.bootTime()
  const identity = {
    key: { ktime: start, pid },
    parent: { ktime: k.constant(parent.ktime), pid: parent.pid },
    cgroup: 1,
    flags: clone,
    euid: 1000,
    auid: 1000,
  }
  const cloner = { clonerPid: parent.pid, clonerKtime: k.constant(parent.ktime) }
  const record = { kind: recordKind.fork, ...cloner, identity }
  k.submit(events, ForkRecord, record, () => countLoss(k))
  return start
}

function countLoss(k: Code): void {
  const count = k.lookup(producerLosses, 0)
  k.when(count, () => k.increment(count, 'value'))
}
