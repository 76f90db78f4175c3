import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Benchmark } from './benchmark.ts'
import { figure, goal } from './figures.ts'
import type { ObjectMemory } from './kernel-objects.ts'
import { policyFiles } from './policy-results.ts'
import { measureInVm } from './vm/measure-in-vm.ts'
import { original } from './vm/original.ts'
import { type MemorySteps, memoryMarker } from './vm/policy-memory-results.ts'

const guest = fileURLToPath(new URL('./vm/policy-memory-guest.js', import.meta.url))
/** The goal, as a share of the original's memory. */
const share = 20

/** Kernel memory of a first and a second policy, compared with the original. */
export const policyMemory: Benchmark = {
  name: 'policy-memory',
  summary: 'kernel memory that the first and the second policy add, from outside',
  needsVm: true,
  async run(context) {
    const results = await measureInVm<MemorySteps[]>(context, {
      script: guest,
      marker: memoryMarker,
    })
    return {
      tables: [
        {
          title: `Kernel memory added, kB (Linux ${context.kernel})`,
          head: ['step', 'maps', 'programs', 'both', 'links', 'maps of Tetragon', 'goal for maps'],
          rows: [startRow(results[0]), ...results.flatMap(policyRows)],
        },
      ],
      notes: [],
    }
  },
}

function startRow({ before, started }: MemorySteps): string[] {
  const theirs = original.wall.mapMiB * 1e6
  return ['process events', ...difference(before, started), figure(theirs / 1000), '']
}

function policyRows({ paths, started, added }: MemorySteps): string[][] {
  return paths.map((path, i) => {
    const from = i === 0 ? started : added[i - 1]
    const theirs = path === policyFiles[0] ? original.policyMaps.b : original.policyMaps.c
    const most = theirs / share
    const met = added[i].maps - from.maps <= most
    return [
      `${basename(path)}, added ${i === 0 ? 'first' : 'second'}`,
      ...difference(from, added[i]),
      figure(theirs / 1000),
      goal(`at most ${figure(most / 1000)}`, met),
    ]
  })
}

function difference(from: ObjectMemory, to: ObjectMemory): string[] {
  const [maps, programs] = [to.maps - from.maps, to.programs - from.programs]
  const bytes = [maps, programs, maps + programs].map((each) => figure(each / 1000))
  return [...bytes, String(to.links - from.links)]
}
