import assert from 'node:assert/strict'
import { copyFileSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, afterEach, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { heldBy, PolicyRun } from '@tetragon-ts/agent/testing'
import type { Event, Process } from '@tetragon-ts/api'
import { Btf } from '@tetragon-ts/ebpf/btf'
import { listMaps } from '@tetragon-ts/ebpf/open-maps'
import { RingBufferReader } from '@tetragon-ts/ebpf/ringbuf'
import { objectById } from '@tetragon-ts/ebpf/sys'
import { backlogSize } from '@tetragon-ts/sensors'
import { programCopies } from '@tetragon-ts/sensors/process'
import { workload } from '@tetragon-ts/test/workloads'

// One agent; each test loads its policies. All programs are in the folder of the run, and those
// whose names begin with `quiet` are not posted.

/**
 * Execs that fill more than half of the ring of held records, with this argument; and less than the
 * share of hook records in the rings of other agents, whose tests run at the same time.
 */
const flood = { execs: 1200, argument: 'x'.repeat(2000) }

/** Bytes of the fork, exec and exit records of a program in the ring, at least. */
const smallestTrace = 300

/** The ring of held records of this process's agent. */
function openBacklog(): RingBufferReader {
  const own = new Set(heldBy(process.pid))
  const map = listMaps().find(({ id, name }) => name === 'tg_backlog' && own.has(`map ${id}`))
  using fd = map && objectById('map', map.id)
  assert.ok(fd)
  return new RingBufferReader(fd.number, backlogSize)
}

describe('process filters', () => {
  let run: PolicyRun
  const loaded: Awaited<ReturnType<PolicyRun['load']>>[] = []
  before(async () => {
    run = await PolicyRun.start()
    const copies = {
      trigger: ['trigger', 'quiet-trigger'],
      noop: ['noop', 'quiet-noop'],
      'exec-loop': ['quiet-loop'],
      'exec-variants': ['variants', 'quiet-variants'],
    } as const
    for (const [program, names] of Object.entries(copies)) {
      for (const name of names)
        copyFileSync(await workload(program as 'noop'), join(run.folder, name))
    }
    for (const name of ['sh', 'quiet-sh']) copyFileSync('/bin/sh', join(run.folder, name))
  })
  afterEach(async () => {
    for (const policy of loaded.splice(0)) await run.unload(policy)
  })
  after(() => run?.stop())

  const path = (name: string): string => join(run.folder, name)

  async function load(spec: string, name = 'filter'): Promise<void> {
    const text = `apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata: {name: ${name}}
spec:
${spec.replace(/^/gm, '  ')}`
    loaded.push(await run.load(text))
  }

  const noQuiet = (): string => `processes:
- selectors:
  - matchBinaries: [{operator: Prefix, values: [${path('quiet')}]}]
    matchActions: [{action: NoPost}]
`
  /** A hit of each lseek of the programs in the folder. */
  const lseeks = (): string => `kprobes:
- call: sys_lseek
  syscall: true
  args: [{index: 0, type: int}]
  selectors:
  - matchArgs: [{index: 0, operator: Equal, values: ["-1"]}]
    matchBinaries: [{operator: Prefix, values: [${run.folder}]}]
`

  /** Events of programs in the folder since then, by kind. */
  function eventsSince(since: number) {
    const found: Record<'exec' | 'exit' | 'hook', { process: Process; parent?: Process }[]> = {
      exec: [],
      exit: [],
      hook: [],
    }
    for (const event of run.events.slice(since)) {
      const { process, parent } = event.body as { process?: Process; parent?: Process }
      // Programs that are executed by a descriptor.
      const isByFd = process?.binary?.startsWith('/dev/fd/') && process.cwd === run.folder
      if (process === undefined || !(isByFd || process.binary?.startsWith(run.folder))) continue
      found[kindOf(event)].push({ process, ...(parent && { parent }) })
    }
    return found
  }

  const kindOf = ({ key }: Event): 'exec' | 'exit' | 'hook' =>
    key === 'process_exec' ? 'exec' : key === 'process_exit' ? 'exit' : 'hook'

  /** Runs a line of the shell, with the programs in `$d`, and waits for the events. */
  async function shell(script: string, program = '/bin/sh') {
    const since = run.events.length
    const started = run.spawn(program, ['-c', `d=${run.folder}; ${script}`])
    await started.ended
    await run.finish(run.spawn('/bin/true', []))
    return eventsSince(since)
  }

  const named = (events: readonly { process: Process }[]): string[] =>
    events.map(({ process }) => (process.binary ?? '').replace(`${run.folder}/`, ''))

  it('hold the execs and exits of a program, but not its hooks', async () => {
    await load(`${noQuiet()}${lseeks()}`)
    const { exec, exit, hook } = await shell(
      '$d/quiet-trigger try lseek -1 5 0 "b c"; $d/trigger try lseek -1 5 0',
    )
    assert.deepEqual(named(exec), ['trigger'])
    assert.deepEqual(named(exit), ['trigger'])
    assert.deepEqual(named(hook), ['quiet-trigger', 'trigger'])
    const [{ process, parent }] = hook
    assert.equal(process.arguments, 'try lseek -1 5 0 "b c"')
    assert.equal(process.flags, 'execve clone')
    assert.match(parent?.binary ?? '', /sh$/)
    assert.equal(process.parent_exec_id, parent?.exec_id)
  })

  it('keep the line of ancestors, also of those that have ended', async () => {
    await load(noQuiet())
    // The shell ends first: its child waits until the other end of its pipe is closed.
    const { exec } = await shell(
      `mkfifo $d/pipe; $d/quiet-sh -c "(read x; exec $d/noop) < $d/pipe & :"; echo > $d/pipe; wait`,
    )
    assert.deepEqual(named(exec), ['noop'])
    const [{ process, parent }] = exec
    assert.equal(process.parent_exec_id, parent?.exec_id)
    assert.equal(parent?.binary, path('quiet-sh'))
    assert.match(parent?.arguments ?? '', /read x/)
  })

  it('decide at each exec of a process about its exit', async () => {
    await load(noQuiet())
    const held = await shell('exec $d/quiet-noop', path('sh'))
    assert.deepEqual([named(held.exec), named(held.exit)], [['sh'], []])
    const posted = await shell('exec $d/noop', path('quiet-sh'))
    assert.deepEqual([named(posted.exec), named(posted.exit)], [['noop'], ['noop']])
    // The image before is the parent.
    assert.equal(posted.exec[0].parent?.binary, path('quiet-sh'))
  })

  it('report the exit of a child without an exec as that of its program', async () => {
    await load(noQuiet())
    const { exit } = await shell('(exit 3); $d/quiet-sh -c "(exit 4); :"; :', path('sh'))
    assert.deepEqual(
      exit.map(({ process: { flags } }) => flags),
      ['clone', 'execve clone'],
    )
    assert.deepEqual(named(exit), ['sh', 'sh'])
  })

  it('leave the agent nothing of programs that no event names', async () => {
    await load(noQuiet())
    using ring = openBacklog()
    const execs = 200
    const before = ring.pending
    const loop = run.spawn(path('quiet-loop'), [String(execs), '1', path('quiet-noop')])
    assert.equal(await loop.ended, 0, loop.output)
    // While events of other programs are posted, records are passed on.
    const bytes = ring.pending - before
    assert.ok(bytes < (execs * smallestTrace) / 2, `${bytes} bytes are in the ring`)
  })

  it('know a held process after a flood of others', async () => {
    await load(`${noQuiet()}${lseeks()}`)
    const since = run.events.length
    const counted = run.agent.counters.get('heldRecords')
    const missedBefore = run.agent.possiblyMissed()
    const marker = run.spawn(path('quiet-trigger'), [
      'wait',
      '--',
      'try',
      'lseek',
      '-1',
      '5',
      '0',
      'older',
    ])
    const loop = run.spawn(path('quiet-loop'), [
      ...[String(flood.execs), '2', path('quiet-noop'), flood.argument],
    ])
    assert.equal(await loop.ended, 0, loop.output)
    assert.ok(run.agent.counters.get('heldRecords') > counted, 'the ring was not half full')
    marker.child.stdin?.end('\n')
    await marker.ended
    await run.finish(run.spawn('/bin/true', []))
    const { exec, hook } = eventsSince(since)
    // Linux 7 skips runs of programs, and counts that: such execs are posted.
    const missed = run.agent.possiblyMissed() - missedBefore
    assert.ok(exec.length <= missed, `${exec.length} execs are posted, ${missed} runs were skipped`)
    assert.match(hook[0]?.process.arguments ?? '', /older$/)
    assert.equal(run.agent.losses().backlog, 0)
  })

  it('hold execs of any form: of threads, of descriptors, without arguments', async () => {
    await load(`${noQuiet()}${lseeks()}`)
    await run.unlessMissed(async () => {
      const ways = ['thread', 'fd', 'dirfd', 'vfork', 'sibling']
      const { exec, exit, hook } = await shell(
        [
          ...ways.map((way) => `$d/quiet-variants ${way} $d/quiet-trigger try lseek -1 5 0 ${way}`),
          '$d/quiet-variants empty-argv $d/quiet-noop; :',
        ].join('; '),
      )
      assert.deepEqual([named(exec), named(exit)], [[], []])
      assert.deepEqual(
        hook.map(({ process }) => process.arguments?.split(' ').at(-1)),
        ways,
      )
      const orphans = hook.filter(({ parent }) => parent === undefined)
      assert.deepEqual(orphans, [])
    })
  })

  it('name a parent whose exit was posted before the hit', async () => {
    await load(`${noQuiet()}${lseeks()}`)
    const since = run.events.length
    // The shell does not wait for the child that it did not make itself.
    const script = `d=${run.folder}; $d/quiet-variants sibling $d/quiet-trigger wait -- try lseek -1 5 0; :`
    const started = run.spawn('/bin/sh', ['-c', script])
    const isExit = ({ key, body }: Event): boolean =>
      key === 'process_exit' && (body as { process?: Process }).process?.pid === started.pid
    while (!run.events.slice(since).some(isExit)) await sleep(5)
    started.child.stdin?.end('\n')
    await started.ended
    await run.finish(run.spawn('/bin/true', []))
    const [{ process, parent }] = eventsSince(since).hook
    assert.equal(parent?.pid, started.pid)
    assert.equal(process.parent_exec_id, parent?.exec_id)
  })

  it('decide by the arguments at the exec, whatever form it has', async () => {
    await load(`processes:
- selectors:
  - matchBinaries: [{operator: Prefix, values: [${run.folder}]}]
    matchCmdArgs: [{index: 1, operator: Equal, values: [hidden]}]
    matchActions: [{action: NoPost}]
  - matchBinaries: [{operator: Prefix, values: [${run.folder}]}]
    matchCmdArgs: [{anyIndex: true, operator: Equal, values: [secret]}]
    matchActions: [{action: NoPost}]
`)
    const forms: Readonly<Record<string, readonly string[]>> = {
      // The process changes its first word into the second one.
      '$d/trigger overwrite hidden word -- try lseek -1 5 0': [],
      '$d/trigger overwrite word hidden -- try lseek -1 5 changed': ['changed'],
      "bash -c 'exec -a secret $0 argv0' $d/noop": ['argv0'],
      '$d/noop word secret': [],
      // 2 MB: what is behind could not be read.
      [`$d/noop ${'$long '.repeat(17)} secret`]: ['long'],
      '$d/variants empty-argv $d/noop': ['noop', ''],
      '$d/script secret': [],
      '$d/script script': ['script'],
      '$d/variants fd $d/noop secret': [],
      '$d/variants fd $d/noop fd': ['fd', 'fd'],
      '$d/variants thread $d/noop secret': [],
      '$d/variants thread $d/noop thread': ['thread', 'thread'],
    }
    const setup =
      'printf "#!$d/sh\\n:\\n" > $d/script; chmod +x $d/script; ' +
      'long=$(head -c 120000 /dev/zero | tr "\\0" a)'
    await run.unlessMissed(async () => {
      const { exec, exit } = await shell([setup, ...Object.keys(forms), ':'].join('; '))
      const lastWord = ({ process: { arguments: words = '' } }: { process: Process }): string =>
        words.length > 1000 ? 'long' : (/[^ /]*$/.exec(words)?.[0] ?? '')
      assert.deepEqual(exec.map(lastWord), Object.values(forms).flat())
      // A process ends once, whatever it has executed before.
      const ended = Object.values(forms).flatMap((words) => words.at(-1) ?? [])
      assert.deepEqual(exit.map(lastWord), ended)
    })
  })

  it('keep the start of arguments that are longer than 16 KiB', async () => {
    await load(`${noQuiet()}${lseeks()}`)
    const { hook } = await shell(
      'l=$(head -c 100000 /dev/zero | tr "\\0" a); ' +
        `$d/quiet-trigger try lseek -1 5 0 first ${'$l '.repeat(18)}`,
    )
    const [{ process }] = hook
    assert.match(process.arguments ?? '', /^try lseek -1 5 0 first a{1000}/)
    assert.ok((process.arguments?.length ?? 0) > 16_000)
    assert.match(process.flags ?? '', /truncArgs/)
  })

  it('post an exec that one of them posts explicitly, whatever others say', async () => {
    await load(noQuiet())
    await load(
      `processes:
- selectors:
  - matchCmdArgs: [{index: 0, operator: Equal, values: [important]}]
    matchActions: [{action: Post}]
`,
      'important',
    )
    const { exec, exit } = await shell('$d/quiet-noop usual; $d/quiet-noop important')
    assert.deepEqual(
      [exec, exit].map((events) => events.map(({ process }) => process.arguments)),
      [['important'], ['important']],
    )
  })

  it('decide by the parent, namespaces and capabilities', async () => {
    const isOurs = `matchBinaries: [{operator: Prefix, values: [${run.folder}]}]`
    const conditions = {
      [`matchParentBinaries: [{operator: In, values: [${path('sh')}]}]`]: '$d/sh -c "$d/noop; :"',
      'matchNamespaces: [{namespace: Uts, operator: NotIn, values: [host_ns]}]':
        'unshare --uts $d/noop',
      'matchCapabilities: [{type: Effective, operator: NotIn, values: [CAP_SYS_ADMIN]}]':
        'setpriv --bounding-set=-sys_admin $d/noop',
    }
    for (const [condition, command] of Object.entries(conditions)) {
      await load(`processes:
- selectors:
  - ${isOurs}
    ${condition}
    matchActions: [{action: NoPost}]
`)
      const { exec, exit } = await shell(`${command}; $d/noop`)
      const shown = (events: typeof exec) => named(events).filter((name) => name === 'noop')
      assert.deepEqual([shown(exec), shown(exit)], [['noop'], ['noop']], condition)
      for (const policy of loaded.splice(0)) await run.unload(policy)
    }
  })

  it('limit the rate of execs, and count the others', async () => {
    await load(`processes:
- selectors:
  - matchBinaries: [{operator: In, values: [${path('noop')}]}]
    matchActions: [{action: Post, rateLimit: 1h, rateLimitScope: global}]
`)
    const before = run.agent.losses().rate_limited
    const { exec, exit } = await shell('$d/noop 1; $d/noop 2; $d/noop 3')
    assert.deepEqual([named(exec), named(exit)], [['noop'], ['noop']])
    assert.equal(run.agent.losses().rate_limited - before, 2)
  })

  const killing = (raw: boolean): string => `options: [{name: policy-mode, value: enforce}]
tracepoints:
- subsystem: sched
  event: sched_process_exec
  raw: ${raw}
  selectors:
  - matchBinaries: [{operator: In, values: [${path('quiet-sh')}]}]
    matchCmdArgs: [{index: 1, operator: Postfix, values: [made]}]
    matchActions: [{action: Sigkill}]
`

  /** What the agent says of the first policy's hook. */
  async function status(): Promise<string> {
    const [{ hook_description }] = (await run.agent.policies()).hookStatuses(loaded[0])
    return hook_description ?? ''
  }

  it('do not hide what a policy kills by its arguments, before its first instruction', async () => {
    // The hook is attached before the filter, and must run after it.
    await load(killing(true), 'kill')
    const policies = await run.agent.policies()
    assert.match(await status(), /kills before the first instruction/)
    // Linux 7 skips programs that are preempted.
    const mayBeSkipped = programCopies(Btf.open()) > 1
    assert.equal(/unless the kernel skips the exec/.test(await status()), mayBeSkipped)
    await policies.setMode(loaded[0], 'monitor')
    assert.doesNotMatch(await status(), /kills/)
    await policies.setMode(loaded[0], 'enforce')
    const attack = run.spawn('/bin/sh', [
      ...['-c', `d=${run.folder}; for i in $(seq 400); do $d/quiet-sh -c "echo > made"; done; :`],
    ])
    await load(noQuiet())
    // Changes are made one after the other: the renewal of the hook is done.
    await policies.setMode(loaded[0], 'enforce')
    await run.finish(attack)
    assert.ok(!existsSync(path('made')), 'it ran while the hook was renewed')
    const { exec, hook } = await shell(
      '$d/quiet-sh -c "echo > other"; $d/quiet-sh -c "echo > made"; echo $? > status',
    )
    assert.deepEqual(named(exec), [])
    assert.deepEqual(named(hook), ['quiet-sh'])
    assert.equal(hook[0].process.arguments, '-c "echo > made"')
    assert.deepEqual([existsSync(path('other')), existsSync(path('made'))], [true, false])
    assert.equal(readFileSync(path('status'), 'utf8').trim(), '137')
  })

  it('leave what hooks kill that are not raw, whichever policy is loaded first', async () => {
    for (const filtersFirst of [true, false]) {
      if (filtersFirst) await load(noQuiet())
      await load(killing(false), 'kill')
      if (!filtersFirst) await load(noQuiet())
      // Changes are made one after the other: the renewal of the hook is done.
      const [hooking] = filtersFirst ? loaded.toReversed() : loaded
      await (await run.agent.policies()).setMode(hooking, 'enforce')
      const { exec, hook } = await shell(
        '$d/quiet-sh -c "echo > other"; $d/quiet-sh -c "echo > made"; echo $? > status',
      )
      assert.deepEqual([named(exec), named(hook)], [[], ['quiet-sh']])
      assert.equal(readFileSync(path('status'), 'utf8').trim(), '137')
      assert.deepEqual([existsSync(path('other')), existsSync(path('made'))], [true, false])
      for (const policy of loaded.splice(0)) await run.unload(policy)
    }
  })

  it('do not delay the conditions of hooks that are loaded after others', async () => {
    const observing = killing(false).replace('values: [made]', 'values: [none]')
    await load(observing, 'observe')
    await load(killing(false), 'kill')
    // All of the policies have their own sets of processes, which are new with each of them.
    await shell('$d/quiet-sh -c "echo > made"; echo $? > status')
    assert.equal(readFileSync(path('status'), 'utf8').trim(), '137')
    assert.ok(!existsSync(path('made')))
  })

  it('let everything pass again after their end', async () => {
    await load(noQuiet())
    for (const policy of loaded.splice(0)) await run.unload(policy)
    const { exec, exit } = await shell('$d/quiet-noop')
    assert.deepEqual([named(exec), named(exit)], [['quiet-noop'], ['quiet-noop']])
  })
})
