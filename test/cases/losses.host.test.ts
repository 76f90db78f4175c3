import assert from 'node:assert/strict'
import { type ChildProcess, type SpawnSyncReturns, spawn, spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { makeTestFolder, type ObservedEvent, RunningAgent } from '@tetragon-ts/agent/testing'
import { workload } from '@tetragon-ts/test/workloads'

// While the agent is stopped the ring has no reader: each run loses the same records.

/** Bytes; the reserve for process records is a quarter. */
const ringSize = 1 << 20
/** Makes an exec record of 15 KiB: a few of them fill the ring. */
const longArgument = 'x'.repeat(15_000)
const lastPid = '/proc/sys/kernel/ns_last_pid'

const folder = makeTestFolder()
after(() => rmSync(folder, { recursive: true }))

interface HookLine {
  readonly process: { readonly pid: number; readonly arguments?: string; readonly flags?: string }
  readonly path: string
}

function policy(call: string): string {
  return JSON.stringify({
    apiVersion: 'cilium.io/v1alpha1',
    kind: 'TracingPolicy',
    metadata: { name: 'losses' },
    spec: JSON.parse(call),
  })
}

/** Every change of the working directory to one below a folder. */
const changesBelow = (below: string): string =>
  policy(
    JSON.stringify({
      kprobes: [
        {
          call: 'sys_chdir',
          syscall: true,
          args: [{ index: 0, type: 'string' }],
          selectors: [{ matchArgs: [{ index: 0, operator: 'Prefix', values: [`${below}/`] }] }],
        },
      ],
    }),
  )

/** Every system call of this test's processes: a busy machine would flood the agent without end. */
const own = { operator: 'In', followForks: true, isNamespacePID: false, values: [process.pid] }
const allCalls = policy(
  JSON.stringify({
    tracepoints: [
      {
        subsystem: 'raw_syscalls',
        event: 'sys_enter',
        args: [{ index: 4, type: 'uint64' }],
        selectors: [{ matchPIDs: [own] }],
      },
    ],
  }),
)

async function startAgent(policyText: (below: string) => string, ...more: string[]) {
  const file = join(folder, 'policy.yaml')
  writeFileSync(file, policyText(folder))
  return RunningAgent.start('--rb-size-total', String(ringSize), '--tracing-policy', file, ...more)
}

/** Runs something while the agent does not read. */
async function whileStopped(agent: RunningAgent, body: () => Promise<void> | void): Promise<void> {
  agent.child.kill('SIGSTOP')
  try {
    await body()
  } finally {
    agent.child.kill('SIGCONT')
  }
  // Until the ring has room again, events of this process may be lost too.
  const mark = `caught-up-${performance.now()}`
  const marks = setInterval(() => spawnSync('/bin/true', [mark]), 200)
  await agent
    .waitFor(({ kind, process: { arguments: args } }) => kind === 'exit' && args === mark)
    .finally(() => clearInterval(marks))
}

/** Process records until no more fit into the ring. */
function fillRing(): void {
  const count = Math.ceil((1.5 * ringSize) / longArgument.length)
  for (let i = 0; i < count; i++) spawnSync('/bin/true', [longArgument])
  // Shorter records still fit into the remaining space.
  for (let i = 0; i < 100; i++) spawnSync('/bin/true')
}

const reads = 'read line'
const ended = (child: ChildProcess) => new Promise((resolve) => child.once('close', resolve))

/** A shell that waits for a line, runs a command, and ends with its input. */
function startShell(script: string, name: string): ChildProcess {
  const stdio = ['pipe', 'ignore', 'ignore'] as const
  return spawn('/bin/sh', ['-c', script, name], { stdio: [...stdio] })
}

/**
 * Starts a shell with a given pid.
 * @returns undefined if another process has the pid
 */
async function startWithPid(
  pid: number,
  script: string,
  name: string,
): Promise<ChildProcess | undefined> {
  for (let attempt = 0; attempt < 20; attempt++) {
    writeFileSync(lastPid, String(pid - 1))
    const child = startShell(script, name)
    if (child.pid === pid) return child
    child.stdin?.end()
    await ended(child)
  }
  return undefined
}

describe('after process records were lost', () => {
  const processes = 10
  const hits = 500
  let agent: RunningAgent
  let lines = 0
  before(async () => {
    agent = await startAgent(changesBelow)
  })
  after(() => agent.remove())

  /** Hook events that were written since the last call. */
  async function hookLines(): Promise<HookLine[]> {
    await agent.events()
    const from = lines
    lines = agent.written.lines.length
    return agent.written.lines.slice(from).flatMap((line) => {
      const body = JSON.parse(line).process_kprobe
      return body ? [{ process: body.process, path: body.args[0].string_arg }] : []
    })
  }

  it('events of reused pids name the new process or none, and the cache is put right', async () => {
    const loop = `${reads}; i=0; while [ $i -lt ${hits} ]; do cd "$0"; i=$((i+1)); done`
    const place = (name: string | number): string => {
      mkdirSync(join(folder, String(name)), { recursive: true })
      return join(folder, String(name))
    }
    const old = Array.from({ length: 2 * processes }, (_, i) => startShell(reads, `old-${i}`))
    const known = new Set((await agent.events()).map(({ process: { pid } }) => pid))
    for (const { pid } of old) assert.ok(known.has(pid), `${pid} is known`)
    const fresh: ChildProcess[] = []
    await whileStopped(agent, async () => {
      fillRing()
      for (const child of old) child.kill('SIGKILL')
      await Promise.all(old.map(ended))
      for (const { pid = 0 } of old.slice(0, processes)) {
        const child = await startWithPid(pid, `${loop}; ${loop}; ${reads}`, place(pid))
        if (child) fresh.push(child)
      }
    })
    assert.ok(fresh.length > 0)
    for (const child of fresh) child.stdin?.write('\n')
    // The shells make their calls only now.
    let first: HookLine[] = []
    for (let tries = 0; tries < 100 && first.length === 0; tries++) first = await hookLines()
    assert.ok(first.length > 0)
    for (const { process: named, path } of first) {
      const isUnknown = named.flags === 'unknown' && named.arguments === undefined
      assert.ok(isUnknown || named.arguments?.includes(path), `${path}: ${JSON.stringify(named)}`)
    }
    // The agent finds out itself: new processes are in /proc, old ones have ended.
    for (const { pid } of fresh) {
      await agent.waitFor(
        ({ kind, process: { pid: found, arguments: args } }) =>
          kind === 'exec' && found === pid && args?.includes(join(folder, String(pid))) === true,
      )
    }
    for (const { pid } of old) {
      const isExit = ({ kind, process: found }: ObservedEvent) =>
        kind === 'exit' && found.pid === pid && found.arguments?.includes('old-') === true
      assert.equal((await agent.waitFor(isExit)).signal, 'unknown')
    }
    await hookLines()
    for (const child of fresh) child.stdin?.write('\n')
    for (const child of fresh) child.stdin?.end('\n')
    await Promise.all(fresh.map(ended))
    const second = await hookLines()
    assert.ok(second.length > 0)
    for (const { process: named, path } of second) {
      assert.ok(named.arguments?.includes(path), `${path}: ${JSON.stringify(named)}`)
    }
    const exits = (await agent.events()).filter(({ kind }) => kind === 'exit')
    for (const { pid } of fresh) {
      const names = exits.filter(({ process: found }) => found.pid === pid)
      assert.deepEqual(
        names.map(({ process: { arguments: args = '' } }) => args.includes('old-')),
        [true, false],
      )
    }
    await agent.stop()
    assert.match(agent.stderr, /lost in the kernel \(exec\)/)
    assert.match(agent.stderr, /processes whose exit record was lost: /)
  })
})

describe('a policy that posts without pause', () => {
  const execs = 100
  let agent: RunningAgent
  before(async () => {
    agent = await startAgent(() => allCalls)
  })
  after(() => agent.remove())

  for (const [title, argument] of [
    ['leaves a reserve for process records', ''],
    ['gives way when process records use up the reserve', 'y'.repeat(1200)],
  ]) {
    it(title, async () => {
      const calls = await workload('syscall-loop')
      const first = agent.written.events.length
      await whileStopped(agent, () => {
        spawnSync(calls, ['50000'])
        for (let i = 0; i < execs; i++) spawnSync('/bin/true', [`reserve-${i}`, argument])
      })
      const events = (await agent.events()).slice(first)
      const own = events.filter(({ process: { arguments: args } }) => args?.startsWith('reserve-'))
      for (const kind of ['exec', 'exit']) {
        assert.equal(own.filter((event) => event.kind === kind).length, execs, kind)
      }
    })
  }

  it('loses events of its own, which are counted', async () => {
    await agent.stop()
    assert.match(agent.stderr, /lost in the kernel \(hook\)/)
    assert.match(agent.stderr, /hook records skipped in favour of process records/)
    assert.doesNotMatch(agent.stderr, /lost in the kernel \((exec|fork|exit|running)\)/)
    assert.doesNotMatch(agent.stderr, /whose exit record was lost|unknown processes/)
  })
})

/**
 * The policy `ends` kills each process of this test that enters this folder, or writes a text like
 * `secret`. Unreadable paths are enforced: a write of another process would be, if its memory is
 * not resident.
 */
const forbidden = join(folder, 'forbidden')
const secret = `${forbidden}-secret-`
const buffer = { index: 1, type: 'char_buf', sizeArgIndex: 3, maxData: true }
const ends = policy(
  JSON.stringify({
    kprobes: [
      {
        call: 'sys_chdir',
        syscall: true,
        args: [{ index: 0, type: 'string' }],
        selectors: [
          {
            matchPIDs: [own],
            matchArgs: [{ index: 0, operator: 'Equal', values: [forbidden] }],
            matchActions: [{ action: 'Sigkill' }],
          },
        ],
      },
      {
        call: 'sys_write',
        syscall: true,
        args: [buffer, { index: 2, type: 'size_t' }],
        selectors: [
          {
            matchPIDs: [own],
            matchArgs: [{ index: 1, operator: 'Prefix', values: [secret] }],
            matchActions: [{ action: 'Sigkill' }],
          },
        ],
      },
    ],
  }),
)

describe('a policy that enforces', () => {
  const attempts = 20
  /** Longer than a record may be; their values are records of their own. */
  const texts = Array.from({ length: 3 }, (_, i) => secret + String(i).repeat(8000))
  let agent: RunningAgent
  before(async () => {
    mkdirSync(forbidden)
    const file = join(folder, 'ends.yaml')
    writeFileSync(file, ends.replace('losses', 'ends'))
    agent = await startAgent(() => allCalls, '--tracing-policy', file)
  })
  after(() => agent.remove())

  it('has room in the ring that policies which only post cannot use up', async () => {
    const calls = await workload('syscall-loop')
    const killed: SpawnSyncReturns<Buffer>[] = []
    await whileStopped(agent, () => {
      spawnSync(calls, ['50000'])
      for (let i = 0; i < attempts; i++) {
        killed.push(spawnSync('/bin/sh', ['-c', `cd ${forbidden}`]))
      }
      for (const text of texts) {
        const input = `printf %s ${text} > /dev/null`
        killed.push(spawnSync('/bin/sh', { input }))
      }
    })
    assert.deepEqual([...new Set(killed.map(({ signal }) => signal))], ['SIGKILL'])
    await agent.events()
    const posted = agent.written.lines.filter((line) => line.includes('KPROBE_ACTION_SIGKILL'))
    const written = posted.flatMap((line) => /"bytes_arg":"([^"]*)"/.exec(line)?.[1] ?? [])
    const pidOf = (line: string): number => JSON.parse(line).process_kprobe.process.pid
    const pids = killed.map(({ pid }) => pid)
    assert.deepEqual(posted.map(pidOf).sort(), pids.toSorted())
    const isWhole = written.map((value, i) => Buffer.from(value, 'base64').toString() === texts[i])
    assert.deepEqual(isWhole, Array(texts.length).fill(true))
    await agent.stop()
    assert.match(agent.stderr, /lost in the kernel \(hook\)/)
  })
})

describe('a process table that is full', () => {
  let agent: RunningAgent
  before(async () => {
    // Fewer than run already.
    agent = await RunningAgent.start('--execve-map-entries', '4')
  })
  after(() => agent.remove())

  it('loses no exec and no exit', async () => {
    const names = Array.from({ length: 12 }, (_, i) => `unlisted-${i}`)
    const children = names.map((name) => startShell(reads, name))
    for (const child of children) child.stdin?.end('\n')
    await Promise.all(children.map(ended))
    const events = await agent.events()
    for (const [i, { pid }] of children.entries()) {
      const own = events.filter(
        ({ process: found }) => found.pid === pid && found.arguments?.endsWith(names[i]) === true,
      )
      assert.deepEqual(
        own.map(({ kind }) => kind),
        ['exec', 'exit'],
      )
    }
    await agent.stop()
    assert.match(agent.stderr, /table_full/)
    assert.doesNotMatch(agent.stderr, /whose exit record was lost|unknown processes/)
  })
})
