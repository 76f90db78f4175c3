// A separate process that fills a ring at a given rate: `producer OPTIONS-AS-JSON`. Prints the
// ring's map id, waits for a line `RATE SECONDS` and prints its results. Unless it sleeps between
// batches it spins, so that they are as regular as on a busy machine, and occupies its CPU.

import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { Collection } from '@tetragon-ts/ebpf/collection'
import { ringBuffer } from '@tetragon-ts/ebpf/maps'
import { createMap, OpenMap } from '@tetragon-ts/ebpf/open-maps'
import type { LoadedProgram } from '@tetragon-ts/ebpf/programs'
import { bootTimeNs, objectById, possibleCpus } from '@tetragon-ts/ebpf/sys'
import { events } from '@tetragon-ts/sensors'
import { execTemplate } from './exec-template.ts'
import {
  largestBatch,
  parentProgram,
  producerLosses,
  producerProgram,
  templates,
} from './producer-programs.ts'

export interface ProducerOptions {
  readonly ringSize: number
  /** Id of an existing ring; otherwise it creates one. */
  readonly mapId?: number
  /** Whether it sleeps between batches, if there is no spare CPU. */
  readonly rests: boolean
  /** How long it sends at a lower rate first: {@link usualWarmUp} unless it is a test. */
  readonly warmUpSeconds?: number
}

/** Results of the producer. */
export interface Production {
  /** All of them, including the warm-up. */
  readonly processes: number
  /** Those that were sent at the full rate, and the duration. */
  readonly measured: number
  readonly seconds: number
  /** Records that did not fit into the ring. */
  readonly lost: number
  /** CPU time of the whole run. */
  readonly cpuNs: number
}

const smallestBatch = 8
const restMs = 1
/** Seconds. A daemon runs for weeks: its code is already compiled when a flood arrives. */
const usualWarmUp = 2
const warmUpSlowness = 5

function run(program: LoadedProgram, first: number, count: number, context: DataView): void {
  context.setBigUint64(0, BigInt(first), true)
  context.setBigUint64(8, BigInt(count), true)
  program.testRun({ context: new Uint8Array(context.buffer) })
}

const {
  ringSize,
  mapId,
  rests,
  warmUpSeconds = usualWarmUp,
} = JSON.parse(process.argv[2]) as ProducerOptions
using collection = new Collection({ bpfLoop: true })
const ring = openRing()
collection.share(events, ring)

function openRing(): OpenMap<undefined, undefined> {
  const spec = ringBuffer(events.name, { size: ringSize })
  if (mapId === undefined) return createMap(spec)
  const fd = objectById('map', mapId)
  if (fd === undefined) throw new Error(`open ring: there is no map ${mapId}`)
  return new OpenMap(spec, fd, spec.key, spec.value)
}

// This process acts as the parent: the reader finds its control group as in reality.
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

/** Sends at a rate for some seconds. @returns number of processes, and duration */
async function hold(
  perSecond: number,
  duration: number,
): Promise<{ measured: number; seconds: number }> {
  const began = performance.now()
  const before = sent
  let elapsed = 0
  while (elapsed < duration) {
    const due = Math.min(perSecond * elapsed - (sent - before), largestBatch)
    if (due >= smallestBatch) {
      run(produce, sent, Math.floor(due), context)
      sent += Math.floor(due)
    }
    if (rests) await delay(restMs)
    elapsed = (performance.now() - began) / 1000
  }
  return { measured: sent - before, seconds: elapsed }
}

await hold(rate / warmUpSlowness, warmUpSeconds)
const held = await hold(rate, seconds)
const lost = Number(collection.map(producerLosses).lookup(0))
const { user, system } = process.cpuUsage()
const production: Production = { processes: sent, ...held, lost, cpuNs: (user + system) * 1000 }
process.stdout.write(`${JSON.stringify(production)}\n`)
// Its end would be one more event. It is killed when the events are counted.
setInterval(() => {}, 60_000)
