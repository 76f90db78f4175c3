import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import {
  copyFileSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  renameSync,
} from 'node:fs'
import { basename, join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { isPart, PolicyRun, repeats, type StartedProcess } from '@tetragon-ts/agent/testing'
import { compactPrinter, type ProcessLoader } from '@tetragon-ts/api'
import { ElfFile } from '@tetragon-ts/ebpf/elf'
import { workload } from '@tetragon-ts/test/workloads'

const policyText = (name: string): string => `apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata: {name: ${name}}
spec: {loader: true}
`
/** Files with different build ids. */
const [first, second] = ['/bin/true', '/bin/false'].map((path) => realpathSync(path))

let run: PolicyRun
let mapper: string
before(async () => {
  mapper = await workload('mapper')
  run = await PolicyRun.start('--enable-ancestors', 'base,loader')
  await run.load(policyText('loader'))
  // The thread that reads build ids starts with the first question: on a slow machine too late for
  // its answer.
  const hasId = async () => (await libraryOf(run.spawn('/bin/true', []))).buildid !== undefined
  for (let attempt = 1; !(await hasId()); attempt++) {
    assert.ok(attempt < attemptsMax, `no build id: ${countsNow()}`)
  }
})
after(() => run?.stop())

/** Waits for the event of the C library of a program. */
function libraryOf({ pid, since }: StartedProcess): Promise<ProcessLoader> {
  return waitFor(() => {
    return loaderEvents(since).find(
      ({ process, path }) => process?.pid === pid && basename(path ?? '') === 'libc.so.6',
    )
  })
}

function buildIdOf(path: string): string | undefined {
  using file = ElfFile.open(path)
  return file.buildId && Buffer.from(file.buildId).toString('base64')
}

/** Loader events so far. */
function loaderEvents(since = 0): ProcessLoader[] {
  return run.events
    .slice(since)
    .filter(({ key }) => key === 'process_loader')
    .map(({ body }) => body as ProcessLoader)
}

/** Against waits that would never end. */
const eventLimitMs = 240_000
const attemptsMax = 100

/** Waits for an event. @throws Error with all counts of losses if it does not come */
async function waitFor<T>(find: () => T | undefined): Promise<T> {
  const deadline = performance.now() + eventLimitMs
  for (;;) {
    const found = find()
    if (found !== undefined) return found
    if (performance.now() > deadline) throw new Error(`wait for an event: ${countsNow()}`)
    await sleep(10)
  }
}

/** What the reader has counted about mappings, for messages. */
function countsNow(): string {
  const names = ['Received', 'Immediate', 'Retried', 'Lost', 'IdsMissed', 'Unknown'] as const
  const { counters } = run.agent
  const counts = names.map((name) => `${name} ${counters.get(`loader${name}`)}`)
  counts.push(`not written ${counters.get('sinkLost')}`)
  const last = loaderEvents(-10).map(({ process, path }) => `${process?.pid} ${path}`)
  return `${counts.join(', ')}; the last are\n${last.join('\n')}`
}

/** Loader events of a process up to that of a path. */
async function eventsOf(pid: number, since: number, path: string): Promise<ProcessLoader[]> {
  return waitFor(() => {
    const events = loaderEvents(since).filter(({ process }) => process?.pid === pid)
    return events.some((event) => event.path === path) ? events : undefined
  })
}

/** Runs commands of the mapper, which then waits, and returns the event of a path. */
async function mapped(path: string, ...commands: string[]): Promise<ProcessLoader> {
  const started = run.spawn(mapper, [...commands, 'wait'])
  try {
    const events = await eventsOf(started.pid, started.since, path)
    const [event, ...others] = events.filter((each) => each.path === path)
    assert.equal(others.length, 0)
    assert.equal(event.process?.binary, mapper)
    return event
  } finally {
    started.child.stdin?.end('x')
    assert.equal(await started.ended, 0, started.output)
  }
}

/** A copy of a file in the folder of the test. */
function copy(name: string, from = first): string {
  const path = join(run.folder, name)
  copyFileSync(from, path)
  return path
}

describe('loader events of a program', () => {
  it('have the paths and build ids of its files', async () => {
    const started = run.spawn('/bin/true', ['one'])
    await started.ended
    const last = await libraryOf(started)
    const events = await eventsOf(started.pid, started.since, last.path ?? '')
    const names = events.map(({ path = '' }) => basename(path).replace(/^ld-.*/, 'ld.so'))
    assert.deepEqual(names, [basename(first), 'ld.so', 'libc.so.6'])
    for (const { process, parent, ancestors = [], path = '', buildid } of events) {
      assert.equal(process?.arguments, 'one')
      assert.equal(process?.binary, '/bin/true')
      assert.equal(parent?.pid, globalThis.process.pid)
      assert.ok(ancestors.length > 0)
      assert.equal(buildid, buildIdOf(path), path)
    }
  })

  it('belong to the image that mapped the file', async () => {
    const script = `/bin/sh -c 'exec /bin/true inner'; exec /bin/true outer`
    const started = run.spawn('/bin/sh', ['-c', script])
    await started.ended
    const images = (events: readonly ProcessLoader[]): (string | undefined)[] =>
      events
        .filter(({ path }) => basename(path ?? '') === 'libc.so.6')
        .map(({ process }) => process?.arguments)
    const own = await waitFor(() => {
      const events = loaderEvents(started.since).filter(({ process }) => {
        return process?.pid === started.pid
      })
      return images(events).length >= 2 ? events : undefined
    })
    assert.deepEqual(images(own), [`-c ${JSON.stringify(script)}`, 'outer'])
    const others = loaderEvents(started.since).filter(({ process }) => {
      return process?.pid !== started.pid
    })
    const forked = others.find(({ parent }) => parent?.pid === started.pid)
    const child = others.filter(({ process }) => process?.pid === forked?.process?.pid)
    assert.deepEqual(images(child), [`-c "exec /bin/true inner"`, 'inner'])
    assert.ok(own.every(({ process }) => process?.exec_id !== undefined))
  })
})

describe('loader events', () => {
  it('report a library that is loaded later', async () => {
    const path = copy('later.so')
    const event = await mapped(path, 'exec', path)
    assert.equal(event.buildid, buildIdOf(path))
    const printed = compactPrinter()(run.events.find(({ body }) => body === event) as never)
    assert.match(printed, /🧬 loader/u)
  })

  it('report a mapping that becomes executable', async () => {
    const path = copy('protected.so')
    assert.equal((await mapped(path, 'protect', path)).buildid, buildIdOf(path))
  })

  it('name the thread', async () => {
    const path = copy('thread.so')
    const { process } = await mapped(path, 'thread', path)
    assert.notEqual(process?.tid, process?.pid)
  })

  it('report deleted files and files in memory', async () => {
    const path = copy('deleted.so')
    const id = buildIdOf(path)
    assert.equal((await mapped(`${path} (deleted)`, 'delete', path)).buildid, id)
    const event = await mapped('/memfd:a\nb (deleted)', 'memfd', 'a\nb')
    assert.equal(event.buildid, undefined)
  })

  it('omit memory without a file', async () => {
    const path = copy('after.so')
    const started = run.spawn(mapper, ['anonymous', 'exec', path])
    const events = await eventsOf(started.pid, started.since, path)
    assert.deepEqual(
      events.map((event) => event.path),
      [mapper, path],
    )
  })

  it('never have the build id of a file that replaced the mapped one', async () => {
    const path = copy('replaced.so')
    const other = copy('other.so', second)
    const id = buildIdOf(path)
    const started = run.spawn(mapper, ['exec', path, 'wait'])
    await waitFor(() => {
      const maps = readdirSync(`/proc/${started.pid}/map_files`)
      return maps.some((each) => isLinkTo(`/proc/${started.pid}/map_files/${each}`, path))
        ? true
        : undefined
    })
    renameSync(other, path)
    const [event] = (await eventsOf(started.pid, started.since, path)).filter(
      (each) => each.path === path,
    )
    assert.equal(event.buildid, id)
    started.child.stdin?.end('x')
    await started.ended
  })

  it('have paths as the process sees them', async () => {
    const root = join(run.folder, 'root')
    mkdirSync(root)
    copy('root/inside.so')
    const event = await mapped('/inside.so', 'chroot', root, 'exec', '/inside.so')
    assert.equal(event.buildid, buildIdOf(join(root, 'inside.so')))
  })

  it('have a placeholder for a path that is too long', async () => {
    const from = copy('long.so')
    const folder = join(run.folder, 'deep')
    mkdirSync(folder)
    const words = ['deep', 'n'.repeat(250), '17', 'move', from, 'long.so', 'exec', 'long.so']
    const started = run.spawn(mapper, words, { folder })
    try {
      const events = await eventsOf(started.pid, started.since, '//toolong')
      assert.equal(events.at(-1)?.process?.binary, mapper)
      assert.equal(await started.ended, 0, started.output)
    } finally {
      // Node.js cannot delete it.
      spawnSync('/bin/rm', ['-r', folder])
    }
  })

  it('name processes in pid namespaces by their pids on the host', async () => {
    const path = copy('namespace.so')
    const started = run.spawn(mapper, ['pidns', 'exec', path])
    const event = await waitFor(() =>
      loaderEvents(started.since).find((each) => each.path === path),
    )
    assert.equal(event.parent?.pid, started.pid)
    assert.equal(event.process?.binary, mapper)
    await started.ended
  })

  it('are complete, or their loss is counted', async () => {
    const path = copy('storm.so')
    const count = repeats(10_000, 100)
    const { counters } = run.agent
    const lostSoFar = (): number => counters.get('loaderLost') + counters.get('sinkLost')
    const before = lostSoFar()
    const started = run.spawn(mapper, ['storm', path, String(count), 'wait'])
    const deadline = performance.now() + eventLimitMs
    for (let all = 0; all < count; ) {
      assert.ok(performance.now() < deadline, `${all} of ${count}: ${countsNow()}`)
      // The kernel reports a loss with the next record.
      await run.spawn('/bin/true', []).ended
      const events = loaderEvents(started.since).filter((each) => each.path === path)
      assert.ok(events.length <= count)
      all = events.length + lostSoFar() - before
    }
    started.child.stdin?.end('x')
    await started.ended
  })
})

describe('the loader', () => {
  it('is on while a policy needs it', async (t) => {
    if (isPart) return t.skip('it is the same on all kernels: tested on the host')
    const own = await PolicyRun.start()
    try {
      const before = perfEvents()
      const one = await own.load(policyText('one'))
      assert.ok(perfEvents() > before)
      const opened = perfEvents()
      const two = await own.load(policyText('two'))
      assert.equal(perfEvents(), opened)
      await own.unload(one)
      assert.equal(perfEvents(), opened)
      await own.replace(two, policyText('two').replace('loader: true', 'loader: false'))
      assert.equal(perfEvents(), before)
    } finally {
      await own.stop()
    }
  })
})

function isLinkTo(link: string, path: string): boolean {
  try {
    return readlinkSync(link) === path
  } catch {
    return false
  }
}

/** Perf events of this process. */
function perfEvents(): number {
  const links = readdirSync('/proc/self/fd').map((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`)
    } catch {
      return ''
    }
  })
  return links.filter((link) => link.includes('perf_event')).length
}
