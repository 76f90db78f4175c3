// A process of its own that fills a ring at a given rate: `producer RING-SIZE`. Prints the ring's map
// id, waits for a line `RATE SECONDS` and prints what it did. It spins between the batches, so that
// they come as evenly as on a busy machine, and keeps its CPU to itself.

import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { Collection } from '@tetragon-ts/ebpf/lang'
import { createMap, possibleCpus, ringBuffer } from '@tetragon-ts/ebpf/maps'
import type { LoadedProgram } from '@tetragon-ts/ebpf/programs'
import { bootTimeNs } from '@tetragon-ts/ebpf/sys'
import { events } from '../agent-modules.ts'
import { execTemplate } from './exec-template.ts'
import {
  largestBatch,
  parentProgram,
  producerLosses,
  producerProgram,
  templates,
} from './producer-programs.ts'

/** What the producer did. */
export interface Production {
  /** All of them, those of the warm-up included. */
  readonly processes: number
  /** Those that were sent at the full rate, and in which time. */
  readonly measured: number
  readonly seconds: number
  /** Records that found no room in the ring. */
  readonly lost: number
}

const smallestBatch = 8
/** A daemon runs for weeks: its code is compiled by the time a flood comes. */
const warmUpSeconds = 2
const warmUpSlowness = 5

function run(program: LoadedProgram, first: number, count: number, context: DataView): void {
  context.setBigUint64(0, BigInt(first), true)
  context.setBigUint64(8, BigInt(count), true)
  program.testRun({ context: new Uint8Array(context.buffer) })
}

const ringSize = Number(process.argv[2])
using collection = new Collection({ bpfLoop: true })
const ring = createMap(ringBuffer(events.name, { size: ringSize }))
collection.share(events, ring)

// This process stands for the parent: the reader finds its control group as it would in reality.
const parent = { pid: process.pid, ktime: bootTimeNs() }
const asParent = execTemplate({ ...parent, parentPid: 0, parentKtime: 1n })
const asChild = execTemplate({
  pid: 0,
  ktime: 0n,
  parentPid: parent.pid,
  parentKtime: parent.ktime,
})
const template = templates(asChild.length, possibleCpus())
const fill = (bytes: Uint8Array): void => {
  const map = collection.map(template)
  for (let cpu = 0; cpu < possibleCpus(); cpu++) map.update(cpu, [...bytes])
}
const sendParent = collection.load(parentProgram(template, asParent.length))
const produce = collection.load(producerProgram(template, asChild.length, parent))
process.stdout.write(`${JSON.stringify({ mapId: ring.info().id })}\n`)

const [line] = (await once(createInterface({ input: process.stdin }), 'line')) as [string]
const [rate, seconds] = line.split(' ').map(Number)
const context = new DataView(new ArrayBuffer(16))
fill(asParent)
run(sendParent, 0, 0, context)
fill(asChild)

let sent = 0

/** Sends at a rate for some seconds. @returns how many processes, and how long it took */
function hold(perSecond: number, duration: number): { measured: number; seconds: number } {
  const began = performance.now()
  const before = sent
  let elapsed = 0
  while (elapsed < duration) {
    const due = Math.min(perSecond * elapsed - (sent - before), largestBatch)
    if (due >= smallestBatch) {
      run(produce, sent, Math.floor(due), context)
      sent += Math.floor(due)
    }
    elapsed = (performance.now() - began) / 1000
  }
  return { measured: sent - before, seconds: elapsed }
}

hold(rate / warmUpSlowness, warmUpSeconds)
const held = hold(rate, seconds)
const lost = Number(collection.map(producerLosses).lookup(0))
const production: Production = { processes: sent, ...held, lost }
process.stdout.write(`${JSON.stringify(production)}\n`)
process.exit()
