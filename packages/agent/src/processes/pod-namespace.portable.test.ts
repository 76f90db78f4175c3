import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import {
  makeTestFolder,
  type ObservedEvent,
  only,
  RunningAgent,
  readablePids,
} from '../testing/index.ts'

// As in a pod without `hostPID`: the agent has its own pid and mount namespaces, and the /proc of
// the host is mounted at another place.

const script = 'mount --bind /proc "$1" && shift && exec unshare --pid --fork --mount-proc -- "$@"'

/** Starts an agent as a pod would. @param procRoot where it finds the /proc of the host */
function launch(procRoot: string, ...args: string[]): RunningAgent {
  return RunningAgent.launchBy(['unshare', '--mount', 'sh', '-c', script, 'pod', procRoot], args)
}

/** The agent's pid on the host: the only child of unshare(1). */
function childOf(pid: number): number {
  return Number(
    readdirSync('/proc').find((name) => /^\d+$/.test(name) && parentOf(Number(name)) === pid),
  )
}

function parentOf(pid: number): number | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'latin1')
    return Number(/^PPid:\t(\d+)$/m.exec(status)?.[1])
  } catch {
    return undefined
  }
}

describe('an agent in a pid namespace of its own', () => {
  const marker = `older-${process.pid}`
  const node = readlinkSync('/proc/self/exe')
  let folder: string
  let sleeper: string
  let procRoot: string
  let agent: RunningAgent
  let agentPid: number
  let children: ChildProcess[]
  let running: number[]

  before(async () => {
    folder = makeTestFolder()
    chmodSync(folder, 0o755)
    sleeper = join(folder, marker)
    procRoot = join(folder, 'procRoot')
    mkdirSync(procRoot)
    copyFileSync('/bin/sleep', sleeper)
    const policy = join(folder, 'writes.yaml')
    writeFileSync(policy, writesOf(node))
    children = [
      spawn('/bin/sh', ['-c', `${sleeper} 1000 & wait`, 'older'], { detached: true }),
      // As in another container.
      spawn('unshare', ['--pid', '--fork', '--kill-child', sleeper, '2000'], { stdio: 'ignore' }),
    ]
    await Promise.all(children.map((child) => once(child, 'spawn')))
    const earlier = readablePids()
    agent = launch(procRoot, '--procfs', procRoot, '--tracing-policy', policy)
    await agent.ready()
    agentPid = childOf(agent.pid)
    // A zombie is in /proc, and has ended for the agent.
    const later = new Set(readablePids())
    running = earlier.filter((pid) => later.has(pid))
  })
  after(async () => {
    for (const child of children) child.kill('SIGKILL')
    process.kill(agentPid, 'SIGTERM')
    await agent.ended
    await agent.remove()
    rmSync(folder, { recursive: true, force: true })
  })

  const execOf = async (args: string): Promise<ObservedEvent> =>
    only(
      (await agent.events()).filter(
        ({ process: { binary, arguments: text } }) => binary === sleeper && text === args,
      ),
      'exec',
    )

  it('knows the processes that started before it, with their parents', async () => {
    const older = await execOf('1000')
    assert.equal(older.process.flags?.includes('procFS'), true)
    assert.equal(older.parent?.pid, children[0].pid)
    const shell = only(await agent.eventsOf(children[0].pid ?? 0), 'exec')
    assert.equal(older.process.parent_exec_id, shell.process.exec_id)
    assert.match(shell.process.arguments ?? '', /^-c ".* 1000 & wait" older$/)
    assert.equal(shell.parent?.pid, process.pid)
    assert.equal(shell.parent?.binary, node)
  })

  it('knows those of other pid namespaces', async () => {
    const inside = await execOf('2000')
    assert.equal(inside.process.pid, childOf(children[1].pid ?? 0))
    assert.equal(inside.parent?.pid, children[1].pid)
  })

  it('reports all of them once, from the first process downwards', async () => {
    const execs = (await agent.events()).filter(({ kind }) => kind === 'exec')
    const ids = execs.map((event) => event.process.exec_id)
    assert.equal(new Set(ids).size, ids.length)
    const pids = new Set(execs.map((event) => event.process.pid))
    assert.deepEqual(
      running.filter((pid) => !pids.has(pid)),
      [],
    )
    const [kernel] = execs
    assert.equal(kernel.process.binary, '<kernel>')
    const init = execs.filter((event) => event.process.pid === 1)
    assert.equal(init.length, 1)
    assert.ok(init[0].process.binary)
    assert.equal(init[0].process.parent_exec_id, kernel.process.exec_id)
    const seen = new Set<string>()
    // Processes that started after the agent may be children of a fork, which has no event.
    const older = execs.filter((event) => event.process.flags?.includes('procFS'))
    for (const { process: each, line } of older) {
      assert.ok(each === kernel.process || seen.has(each.parent_exec_id ?? ''), line)
      seen.add(each.exec_id ?? '')
    }
  })

  it('knows itself by its pid on the host', async () => {
    const own = only(await agent.eventsOf(agentPid), 'exec')
    assert.equal(own.process.binary, node)
    assert.equal(own.parent?.pid, agent.pid)
  })

  it('reports the end of an older process', async () => {
    const { process: older } = await execOf('1000')
    process.kill(older.pid ?? 0, 'SIGUSR1')
    const exit = await agent.waitFor(
      ({ kind, process: each }) => kind === 'exit' && each.exec_id === older.exec_id,
    )
    assert.equal(exit.signal, 'SIGUSR1')
    assert.equal(exit.process.binary, sleeper)
  })

  it('applies policies to older processes, and not to itself', async () => {
    // The agent writes each event to its file, and is a Node.js as well.
    writeFileSync(join(folder, 'written'), 'some text')
    await agent.events()
    const writers = agent.written.lines
      .map((line) => JSON.parse(line).process_kprobe?.process)
      .filter((writer) => writer !== undefined)
    assert.ok(writers.some(({ pid, binary }) => pid === process.pid && binary === node))
    assert.ok(writers.every(({ pid }) => pid !== agentPid))
  })
})

/** Posts the writes of a program. */
function writesOf(binary: string): string {
  return `
apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata: { name: writes }
spec:
  kprobes:
  - call: sys_write
    syscall: true
    args: [{ index: 2, type: size_t }]
    selectors:
    - matchBinaries: [{ operator: In, values: ['${binary}'] }]
`
}

describe('an agent whose --procfs belongs to its own pid namespace', () => {
  it('does not start: events would name other processes', async () => {
    const folder = makeTestFolder()
    const agent = launch(folder, '--procfs', '/proc')
    const { code } = await agent.ended
    assert.equal(code, 2)
    assert.match(agent.stderr, /read \/proc: the agent is process 1 there, but \d+ on the host/)
    await agent.remove()
    rmSync(folder, { recursive: true, force: true })
  })
})
