import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { it } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { syscallNumber } from '@tetragon-ts/api'
import { policyTarget } from '@tetragon-ts/compiler/running-kernel'
import { Btf } from '@tetragon-ts/ebpf/btf'
import { Collection } from '@tetragon-ts/ebpf/collection'
import { probe } from '@tetragon-ts/ebpf/features'
import { fentry, type Hook, type Int, lsm, program, tpBtf } from '@tetragon-ts/ebpf/lang'
import type { Link } from '@tetragon-ts/ebpf/links'
import { array } from '@tetragon-ts/ebpf/maps'
import { type LoadedProgram, VerifierError } from '@tetragon-ts/ebpf/programs'
import { record, u64 } from '@tetragon-ts/ebpf/records'
import { nativeAbi } from '@tetragon-ts/sensors/kernel/system-calls'
import { HookDispatchers } from './hook-dispatchers.ts'
import { attachedMax, listSize } from './program-list.ts'
import { SyscallDispatchers } from './syscall-dispatchers.ts'

const inGuest = process.env.TETRAGON_TEST_KERNEL !== undefined
/** Hits while programs are added and removed. */
const rounds = inGuest ? 5000 : 100_000
/** Programs that are added and removed. */
const coming = attachedMax + listSize + 2
const kill = syscallNumber(nativeAbi, 'kill') as number
const symbol = process.arch === 'x64' ? '__x64_sys_kill' : '__arm64_sys_kill'

interface Way {
  readonly what: string
  readonly hook: Hook
  /** Programs that stay. */
  readonly staying: number
  dispatchers(collection: Collection): HookDispatchers | SyscallDispatchers
}

const ways: readonly Way[] = [
  {
    what: 'a typed tracepoint',
    hook: tpBtf('sys_enter'),
    staying: attachedMax + 2,
    dispatchers: (collection) => new HookDispatchers(collection),
  },
  {
    what: 'a function',
    hook: fentry(symbol),
    staying: attachedMax + 2,
    dispatchers: (collection) => new HookDispatchers(collection),
  },
  {
    // The next program turns the slot of the first one into a list.
    what: 'a system call',
    hook: tpBtf('sys_enter'),
    staying: attachedMax,
    dispatchers: (collection) => new SyscallDispatchers(collection),
  },
]

for (const { what, hook, staying, dispatchers: make } of ways) {
  it(`programs at ${what} see each hit once while others are added and removed`, async (t) => {
    const { answer, reason } = probe('fentry')
    if (hook.kind === 'fentry' && answer !== 'yes') return t.skip(reason)
    using collection = new Collection(policyTarget(Btf.open()))
    const dispatchers = make(collection)
    const attach = (counter: Counter): Link => attachTo(dispatchers, counter)

    const script = `read go; i=0; while [ $i -lt ${rounds} ]; do kill -0 $$; i=$((i+1)); done`
    const child = spawn('/bin/sh', ['-c', script], { stdio: ['pipe', 'inherit', 'inherit'] })
    const ended = once(child, 'exit')
    let running = true
    void ended.then(() => {
      running = false
    })
    const counters = counterPrograms(collection, hook, child.pid as number, staying + coming)
    const stay = counters.slice(0, staying)
    const links = stay.map(attach)
    child.stdin.end('go\n')
    let changes = 0
    for (; running; changes++) {
      const come = counters.slice(staying).map(attach)
      await turn()
      // From both ends and the middle.
      for (let i = 0; i < coming; i++) come[(i * 5) % coming].close()
      await turn()
    }
    assert.equal((await ended)[0], 0)
    const missed =
      dispatchers.possiblyMissed() +
      stay.reduce((sum, { loaded }) => sum + Number(loaded.info().recursionMisses), 0)
    t.diagnostic(`${changes} changes, ${missed} missed at most`)
    for (const { hits } of stay.map((counter) => ({ hits: counter.hits() }))) {
      assert.ok(hits <= rounds && hits >= rounds - missed, `${hits} hits instead of ${rounds}`)
    }
    for (const link of links) link.close()
    assert.deepEqual(sharedPrograms(collection), [])
  })

  it(`programs at ${what} end together, except those that are attached directly`, (t) => {
    const { answer, reason } = probe('fentry')
    if (hook.kind === 'fentry' && answer !== 'yes') return t.skip(reason)
    using collection = new Collection(policyTarget(Btf.open()))
    const dispatchers = make(collection)
    const counters = counterPrograms(collection, hook, process.pid, attachedMax + 2)
    const links = counters.map((counter) => attachTo(dispatchers, counter))
    process.kill(process.pid, 0)
    dispatchers.close()
    assert.deepEqual(sharedPrograms(collection), [])
    process.kill(process.pid, 0)
    const direct = dispatchers instanceof HookDispatchers ? attachedMax : 0
    assert.deepEqual(
      counters.map((counter) => counter.hits()),
      counters.map((_, i) => (i < direct ? 2 : 1)),
    )
    for (const link of links) link.close()
  })
}

/** Programs that run those of policies. */
function sharedPrograms(collection: Collection): readonly LoadedProgram[] {
  return collection.programs.filter(({ name }) => /^tg_(list|sys)/.test(name))
}

/** The last list of several is not full. */
const many = inGuest ? attachedMax + 3 * listSize + 1 : 1000
it(`${many} programs fit at one function`, (t) => {
  const { answer } = probe('fentry')
  const hook = answer === 'yes' ? fentry(symbol) : tpBtf('sys_enter')
  using collection = new Collection(policyTarget(Btf.open()))
  const dispatchers = new HookDispatchers(collection)
  // A list accepts the same program repeatedly, a function does not.
  const counters = counterPrograms(collection, hook, process.pid, attachedMax + 1)
  const links = Array.from({ length: many }, (_, i) =>
    attachTo(dispatchers, counters[Math.min(i, attachedMax)]),
  )
  process.kill(process.pid, 0)
  const alone = new Array<number>(attachedMax).fill(1)
  assert.deepEqual(
    counters.map((counter) => counter.hits()),
    [...alone, many - attachedMax],
  )
  const lists = collection.programs.filter(({ name }) => name.startsWith('tg_list'))
  assert.equal(lists.length, Math.ceil((many - attachedMax) / listSize))
  t.diagnostic(`${hook.kind}: ${lists.length} lists`)
  // The lists end with the collection.
  for (const link of links.slice(0, attachedMax)) link.close()
})

it('sleepable programs are attached directly if a kernel allows no list', (t) => {
  const { answer, reason } = probe('lsm')
  if (answer !== 'yes') return t.skip(reason)
  using collection = new Collection(policyTarget(Btf.open()))
  const dispatchers = new HookDispatchers(collection)
  const hook = lsm('file_open', { sleepable: true })
  let counters: readonly Counter[]
  try {
    counters = counterPrograms(collection, hook, process.pid, attachedMax + 3)
  } catch (error) {
    // Linux 5.10 has fewer sleepable hooks.
    if (!(error instanceof VerifierError)) throw error
    return t.skip(error.message)
  }
  const links = counters.map((counter) => attachTo(dispatchers, counter))
  closeSync(openSync('/dev/null', 'r'))
  for (const link of links) link.close()
  closeSync(openSync('/dev/null', 'r'))
  const hits = counters.map((counter) => counter.hits())
  assert.deepEqual(new Set(hits), new Set([1]))
})

interface Counter {
  readonly program: ReturnType<typeof program>
  readonly loaded: LoadedProgram
  hits(): number
}

const Hits = record('hits', { value: u64 })

function counterPrograms(collection: Collection, hook: Hook, pid: number, count: number) {
  const counts = array('counts', { value: Hits, maxEntries: count })
  return Array.from({ length: count }, (_, i): Counter => {
    const declared = program(`count_${i}`, hook, (k, ...args) => {
      k.when(k.call('get_current_pid_tgid').shiftRight(32).ne(pid), k.exit)
      if (hook.kind === 'tp_btf') k.when((args[1] as Int).ne(kill), k.exit)
      const count = k.lookup(counts, i)
      k.unless(count, k.exit)
      k.increment(count, 'value')
    })
    return {
      program: declared,
      loaded: collection.load(declared),
      hits: () => Number(collection.map(counts).lookup(i)?.value),
    }
  })
}

function attachTo(dispatchers: HookDispatchers | SyscallDispatchers, counter: Counter): Link {
  const { program, loaded } = counter
  return dispatchers instanceof HookDispatchers
    ? dispatchers.attach(program, loaded)
    : dispatchers.insert('sys_enter', kill, loaded)
}
