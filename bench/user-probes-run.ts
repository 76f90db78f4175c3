// Runs on this host: `user-probes-run PROBED MANY FUNCTIONS CALLS`. The program PROBED calls a
// function; MANY has that many functions, f0, f1, ...

import { execFileSync } from 'node:child_process'
import { PolicyRun } from '@tetragon-ts/agent/testing'
import { Collection } from '@tetragon-ts/ebpf/collection'
import { ElfFile } from '@tetragon-ts/ebpf/elf'
import { program, uprobe } from '@tetragon-ts/ebpf/lang'
import { attachToFile } from '@tetragon-ts/ebpf/links'
import { type ProbeCosts, probeMarker, type Situation } from './user-probe-costs.ts'

const rounds = 5
const functionName = 'takes_numbers'

/** Policies by what they do at a call. */
const hooks: Readonly<Record<string, string>> = {
  'filtered by an argument': `
    args: [{index: 1, type: int64}]
    selectors: [{matchArgs: [{index: 1, operator: Equal, values: ["1"]}]}]`,
  posted: `
    args: [{index: 0, type: int}]`,
  'posted, with the return': `
    return: true
    returnArg: {index: 0, type: int}
    args: [{index: 0, type: int}]`,
}

function policyOf(path: string, symbols: readonly string[], more = ''): string {
  return `
apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata:
  name: measured
spec:
  uprobes:
  - path: ${path}
    symbols: [${symbols.join(', ')}]${more}
`
}

async function main([probed, many, functions, count]: readonly string[]): Promise<void> {
  const calls = Number(count)
  const nanoseconds = (): number => {
    const shortest = (count: number): number =>
      Math.min(...Array.from({ length: rounds }, () => timeOf(probed, count)))
    return (shortest(calls) - shortest(1)) / calls
  }
  const situations: Situation[] = [{ what: 'none', ns: nanoseconds() }]
  {
    using empty = attachEmpty(probed)
    void empty
    situations.push({ what: 'empty program', ns: nanoseconds() })
  }
  const run = await PolicyRun.start()
  for (const [what, hook] of Object.entries(hooks)) {
    const policy = await run.load(policyOf(probed, [functionName], hook))
    situations.push({ what, ns: nanoseconds() })
    await run.unload(policy)
  }
  const symbols = Array.from({ length: Number(functions) }, (_, i) => `f${i}`)
  const text = policyOf(many, symbols)
  const start = performance.now()
  const policy = await run.load(text)
  const attached = performance.now()
  const kernelBytes = (await run.agent.policies()).memoryOf(policy)
  const before = performance.now()
  await run.unload(policy)
  const detachMs = performance.now() - before
  const costs: ProbeCosts = { situations, attachMs: attached - start, detachMs, kernelBytes }
  console.log(`${probeMarker}${JSON.stringify(costs)}`)
  await run.stop()
}

/** Time of a process that calls the function, in nanoseconds. */
function timeOf(probed: string, calls: number): number {
  const start = process.hrtime.bigint()
  execFileSync(probed, ['loop', `${calls}`])
  return Number(process.hrtime.bigint() - start)
}

function attachEmpty(path: string): Disposable {
  const collection = new Collection()
  const hook = uprobe()
  const loaded = collection.load(program('empty', hook, (k) => k.exit()))
  using elf = ElfFile.open(path)
  const offset = elf.offsetOf(elf.symbols.find(functionName)[0].address) ?? 0
  const links = attachToFile(hook, loaded, { path, shown: path }, [{ offset }])
  return {
    [Symbol.dispose]() {
      for (const link of links) link.close()
      collection.close()
    },
  }
}

await main(process.argv.slice(2))
