import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { Collection } from '@tetragon-ts/ebpf/collection'
import { ElfFile } from '@tetragon-ts/ebpf/elf'
import { Bytes, type Code, program, uprobe } from '@tetragon-ts/ebpf/lang'
import { attachToFile } from '@tetragon-ts/ebpf/links'
import { perCpuArray, stackTrace } from '@tetragon-ts/ebpf/maps'
import { enableRunStats } from '@tetragon-ts/ebpf/programs'
import { workload } from '@tetragon-ts/test/workloads'
import type { Benchmark } from './benchmark.ts'
import { figure } from './figures.ts'

const run = promisify(execFile)
/** Nested calls of the process, and how often it runs. */
const [depths, runs] = [[0, 8, 120], 40]
const framesMax = 127
/** BPF_F_USER_STACK, BPF_F_REUSE_STACKID, BPF_F_USER_BUILD_ID: include/uapi/linux/bpf.h. */
const [userStack, reuseId, buildIds] = [256, 1024, 2048]

const memorySize = framesMax * 32
const memory = perCpuArray('tg_stack', {
  value: { size: memorySize, encode: () => {}, decode: () => undefined },
})
const stacks = stackTrace('tg_stacks', { maxEntries: 16_384 })

/** Ways to record a stack. */
const ways: readonly { readonly name: string; readonly write: (k: Code) => void }[] = [
  { name: 'no stack', write: () => {} },
  { name: 'addresses (get_stack)', write: (k) => getStack(k, framesMax * 8, userStack) },
  {
    name: 'build ids and offsets (get_stack)',
    write: (k) => getStack(k, memorySize, userStack | buildIds),
  },
  {
    name: 'number in a stack map (get_stackid)',
    write: (k) => k.call('get_stackid', k.context, stacks, userStack | reuseId),
  },
]

function getStack(k: Code, size: number, flags: number): void {
  const key = k.stackBytes(4)
  key.store(4, 0, 0)
  const found = k.call('map_lookup_elem', memory, key)
  k.when(found.eq(0), k.exit)
  k.call('get_stack', k.context, new Bytes(found.builder, found.register), size, flags)
}

/** Time of a uprobe's program that records the user stack, by the way and by the depth. */
export const userStacks: Benchmark = {
  name: 'user-stacks',
  summary: 'ns per hit of a uprobe that records the user stack, by ways to do so',
  needsVm: false,
  async run({ progress }) {
    const path = await workload('probed')
    using elf = ElfFile.open(path)
    const [symbol] = elf.symbols.find('calls_itself')
    const offset = elf.offsetOf(symbol.address) ?? 0
    const rows: string[][] = []
    for (const way of ways) {
      progress(way.name)
      const times: string[] = []
      for (const depth of depths) times.push(figure(await timeOf(way.write, path, offset, depth)))
      rows.push([way.name, ...times])
    }
    const head = ['recorded', ...depths.map((depth) => `${depth + 1} calls`)]
    return {
      tables: [{ title: 'Time of a program at a uprobe, ns per hit', head, rows }],
      notes: ['Each call is a hit and has one frame more than the call before.'],
    }
  },
}

/** Mean over all calls. */
async function timeOf(
  write: (k: Code) => void,
  path: string,
  offset: number,
  depth: number,
): Promise<number> {
  using collection = new Collection()
  const hook = uprobe()
  const loaded = collection.load(program('tg_bench_stack', hook, write))
  const links = attachToFile(hook, loaded, { path, shown: path }, [{ offset }])
  try {
    using _statistics = enableRunStats()
    for (let i = 0; i < runs; i++) await run(path, nested(depth))
    const { runTimeNs, runCount } = loaded.info()
    return Number(runTimeNs) / Number(runCount)
  } finally {
    for (const link of links) link.close()
  }
}

/** Words of a process that makes some hundred calls. */
function nested(depth: number): string[] {
  const times = Math.ceil(600 / (depth + 1))
  return Array.from({ length: times }, () => ['nested', `${depth}`, '--']).flat()
}
