// Runs on this host or inside a virtual machine: `attacks-run BY-THREADS BY-PROCESSES`. Attempts
// what policies forbid, by each means, with the agent inside this process, and prints the results
// as one line of JSON after the marker.

import { statSync } from 'node:fs'
import { PolicyError } from '@tetragon-ts/agent'
import {
  Attacked,
  type Forbidden,
  forbid,
  forbidden,
  type Tally,
  type WayName,
  ways,
  whyNot,
} from '@tetragon-ts/test/attacks'
import { type AttackResult, attackMarker, racing } from './attacks.ts'

const [byThreads = 1000, byProcesses = 1000] = process.argv.slice(2).map(Number)
const controls = 100
/** Operations whose effect a thread can see itself, and that change nothing for other threads. */
const threaded: ReadonlySet<string> = new Set([
  ...['open', 'mmap', 'bind4', 'listen', 'raw', 'packet', 'bpf', 'perf-event'],
])

// No events: there would be one for each child.
const attacked = await Attacked.start('--export-denylist', '{"health_check":false}')
const program = attacked.copy('attacker')

async function attack({ operation }: Forbidden, way: 'thread' | 'child', count: number) {
  const target = operation === 'bind4' ? '0' : undefined
  const before = statSync(attacked.marks).size
  const started = attacked.begin(operation, way, target, { program, count, racing })
  if ((await started.ended) !== 0) throw new Error(`attack by ${operation}: ${started.output}`)
  const tally = JSON.parse(started.output) as Tally
  return { ...tally, effects: tally.effects + statSync(attacked.marks).size - before }
}

/** Undefined if the means cannot forbid the operation here. */
async function underPolicy(operation: Forbidden, name: WayName) {
  const way = ways[name]
  if (whyNot(way) !== undefined || way.hook(operation) === undefined) return undefined
  const file = operation.operation === 'exec' ? attacked.program : attacked.file
  // A signal to one thread would end all.
  const races = threaded.has(operation.operation) && !name.startsWith('signal')
  const [by, count] = races ? (['thread', byThreads] as const) : (['child', byProcesses] as const)
  try {
    return await attacked.under(forbid(way, operation, program, file), async () => {
      const { effects, killed, refused } = await attack(operation, by, count)
      const stopped = killed + (refused[1] ?? 0)
      return { operation: operation.title, means: name, by, attempts: count, effects, stopped }
    })
  } catch (error) {
    if (error instanceof PolicyError) return undefined
    throw error
  }
}

const results: AttackResult[] = []
for (const operation of forbidden) {
  const control = await attack(operation, 'child', controls)
  if (control.effects !== controls) continue
  for (const name of Object.keys(ways) as WayName[]) {
    const result = await underPolicy(operation, name)
    if (result) results.push(result)
  }
  console.log(`round ${operation.title}`)
}
await attacked.run.stop()
console.log(`${attackMarker}${JSON.stringify(results)}`)
