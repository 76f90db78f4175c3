import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, afterEach, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { PolicyError } from '@tetragon-ts/agent'
import {
  guestKernel,
  isPart,
  makeTestFolder,
  RunningAgent,
  readIfThere,
} from '@tetragon-ts/agent/testing'
import type { ProcessKprobe } from '@tetragon-ts/api'
import { probe } from '@tetragon-ts/ebpf/features'
import { Attacked, allowed, policy, refuse, refused } from './attack.ts'

const { answer, reason } = probe('fanotify')
const skip = answer !== 'yes' && reason

interface Wanted {
  readonly argument?: string
  readonly test?: string
  readonly actions?: string
  readonly options?: string
  readonly call?: string
}

/** A policy that refuses to open a file. */
function forbid(path: string, wanted: Wanted = {}): string {
  const { test = `operator: Equal, values: ["${path}"]`, actions = refuse } = wanted
  const { options = '{name: override-method, value: fanotify}', call = 'security_file_open' } =
    wanted
  const { argument = '{index: 0, type: file}' } = wanted
  return policy(
    'forbids',
    `
options: [${options}]
kprobes:
- call: ${call}
  syscall: false
  args: [${argument}]
  selectors:
  - matchArgs: [{index: 0, ${test}}]
    matchActions: [${actions}]`,
  )
}

describe('refusals by fanotify', { skip }, () => {
  let attacked: Attacked
  let folder: string
  let file: string
  before(async () => {
    attacked = await Attacked.start()
    folder = join(attacked.run.folder, 'protected')
    file = join(folder, 'secret')
    mkdirSync(folder)
    writeFileSync(file, 's')
  })
  after(() => attacked?.run.stop())

  const open = async () => (await attacked.attack('open', 'thread', file)).tally

  it('hold for a file that takes the place of the named one', async () => {
    await attacked.under(forbid(file), async () => {
      rmSync(file)
      writeFileSync(file, 'n')
      assert.deepEqual(await open(), refused(1))
      writeFileSync(`${file}.new`, 'n')
      renameSync(`${file}.new`, file)
      assert.deepEqual(await open(), refused(1))
    })
  })

  it('hold again soon after the folder was replaced', async () => {
    await attacked.under(forbid(file), async () => {
      renameSync(folder, `${folder}.old`)
      mkdirSync(folder)
      writeFileSync(file, 'n')
      while ((await open()).effects > 0) await sleep(50)
      assert.deepEqual(await open(), refused(1))
    })
  })

  it('hold in another mount namespace that has the file at its path', async () => {
    const read = async () => {
      const started = attacked.run.spawn('/usr/bin/unshare', ['-m', '/bin/cat', file])
      return [await started.ended, started.output] as const
    }
    const content = readFileSync(file, 'utf8')
    assert.deepEqual(await read(), [0, content])
    await attacked.under(forbid(file), async () => {
      const [status, output] = await read()
      assert.equal(status, 1)
      assert.match(output, /Operation not permitted/)
    })
  })

  it('do not hit the agent, nor others in the folder', async () => {
    const other = join(folder, 'other')
    writeFileSync(other, 'o')
    await attacked.under(forbid(file), async () => {
      assert.equal(readFileSync(file).length, 1)
      assert.deepEqual((await attacked.attack('open', 'thread', other)).tally, allowed)
    })
  })

  it('are reported with the calling process', async () => {
    await attacked.under(forbid(file), async () => {
      const started = attacked.run.spawn('/bin/cat', [file])
      await attacked.run.finish(started)
      const events = attacked.run.events.slice(started.since)
      const [hit, ...more] = events.filter(({ key }) => key === 'process_kprobe')
      assert.deepEqual(more, [])
      const { process: by, args, function_name } = hit.body as ProcessKprobe
      assert.deepEqual([by?.pid, by?.binary, by?.arguments], [started.pid, '/bin/cat', file])
      assert.deepEqual([function_name, args?.[0].file_arg?.path], ['security_file_open', file])
    })
  })

  it('survive processes that are killed while they wait', async () => {
    await attacked.under(forbid(file), async () => {
      for (let round = 0; round < 20; round++) {
        const started = attacked.begin('open', 'thread', file)
        await sleep(round)
        started.child.kill('SIGKILL')
        await started.ended
      }
      assert.deepEqual(await open(), refused(1))
    })
  })

  it('end at the limit of groups in the kernel: the next policy is refused', async (t) => {
    if (guestKernel === undefined) return t.skip('it would change the limit of this host')
    const loaded = []
    let refusal: unknown
    const limit = '/proc/sys/fs/fanotify/max_user_groups'
    const before = readFileSync(limit, 'latin1')
    const maximum = 4
    writeFileSync(limit, `${maximum}`)
    try {
      while (loaded.length <= maximum) loaded.push(await attacked.run.load(forbid(file)))
    } catch (error) {
      refusal = error
    } finally {
      writeFileSync(limit, before)
    }
    assert.ok(refusal instanceof PolicyError, `${refusal}`)
    assert.match(refusal.message, /fanotify: create fanotify group: EMFILE/)
    assert.deepEqual(await open(), refused(1))
    for (const each of loaded) await attacked.run.unload(each)
    assert.deepEqual(await open(), allowed)
  })

  const reasons = {
    'no file': [
      { test: 'operator: Prefix, values: ["/etc/"]' },
      /each selector must name its files/,
    ],
    'a relative path': [{ test: 'operator: Equal, values: ["a"]' }, /must name its files/],
    'another error': [{ actions: '{action: Override, argError: -13}' }, /argError must be -1/],
    'a signal': [{ actions: `${refuse}, {action: Sigkill}` }, /the agent runs the program/],
    'no override-method': [
      { options: '' },
      /covers only files that the policy names .*set override-method to fanotify/,
    ],
    'another function': [{ call: 'security_file_permission' }, /it has no permission event for/],
    'a device': [
      { test: 'operator: Equal, values: ["/dev/null"]' },
      /files in \/dev .* are not supported/,
    ],
    'a member of the parameter': [
      {
        argument: '{index: 0, type: int, resolve: f_flags}',
        test: 'operator: Equal, values: ["1"]',
      },
      /must name its files/,
    ],
  } as const
  it('are refused for a policy of a namespace, whose pods have other files', async () => {
    const text = forbid(file)
      .replace('kind: TracingPolicy', 'kind: TracingPolicyNamespaced')
      .replace('{name: forbids}', '{name: forbids, namespace: default}')
    await assert.rejects(attacked.run.load(text), /fanotify: its files are those of the host/)
  })

  for (const [what, [wanted, expected]] of Object.entries(reasons)) {
    it(`are refused for a policy with ${what}`, async (t) => {
      const loading = attacked.run.load(forbid(file, wanted))
      if (what === 'no override-method' && probe('lsm').answer === 'yes') {
        await attacked.run.unload(await loading)
        return t.skip('LSM programs are used')
      }
      await assert.rejects(loading, (error) => {
        assert.ok(error instanceof PolicyError, `${error}`)
        assert.match(error.message, expected)
        return true
      })
    })
  }

  it('start soon after a missing folder is created, with a warning', async () => {
    const later = join(attacked.run.folder, 'later')
    const named = join(later, 'secret')
    const warnings: string[] = []
    const policies = await attacked.run.agent.policies()
    const { onWarning } = policies
    policies.onWarning = (message) => warnings.push(message)
    try {
      await attacked.under(forbid(named), async () => {
        mkdirSync(later)
        writeFileSync(named, 'l')
        const attack = async () => (await attacked.attack('open', 'thread', named)).tally
        while ((await attack()).effects > 0) await sleep(50)
        assert.deepEqual(await attack(), refused(1))
      })
    } finally {
      policies.onWarning = onWarning
    }
    const expected = `fanotify: not protected yet: ${later}: open ${later}: ENOENT`
    assert.ok(
      warnings.some((each) => each.startsWith(expected)),
      warnings.join(),
    )
  })
})

const skipHere = isPart ? 'it is the same on all kernels: tested on the host' : skip
describe('without its agent', { skip: skipHere }, () => {
  let agent: RunningAgent | undefined
  let folder: string
  let file: string
  before(() => {
    folder = makeTestFolder()
    file = join(folder, 'secret')
    writeFileSync(file, 's')
  })
  after(() => rmSync(folder, { recursive: true }))
  afterEach(() => agent?.remove())

  async function protect(path: string): Promise<RunningAgent> {
    const text = join(folder, 'policy.yaml')
    writeFileSync(text, forbid(path))
    agent = await RunningAgent.start('--tracing-policy-dir', '', '--tracing-policy', text)
    return agent
  }

  /** Stops it, and waits until all its threads have stopped. */
  async function stop({ child, pid }: RunningAgent): Promise<void> {
    child.kill('SIGSTOP')
    const tasks = `/proc/${pid}/task`
    const states = () => readdirSync(tasks).map((each) => readIfThere(join(tasks, each, 'status')))
    while (!states().every((text) => text === '' || /^State:\tT/m.test(text))) await sleep(5)
  }

  /** Starts a program that reads the file. */
  function read() {
    const child = spawn('/bin/cat', [file], { stdio: ['ignore', 'pipe', 'ignore'] })
    let output = ''
    child.stdout.setEncoding('utf8').on('data', (text) => {
      output += text
    })
    const ended = once(child, 'close').then(([status]) => [status, output])
    return { child, ended }
  }

  it('callers wait while the agent is stopped, and pass when it has ended', async () => {
    const running = await protect(file)
    const { child } = running
    assert.deepEqual(await read().ended, [1, ''])
    await stop(running)
    const waiting = [read(), read()]
    await sleep(300)
    for (const { child } of waiting) assert.equal(child.exitCode, null)
    child.kill('SIGCONT')
    for (const { ended } of waiting) assert.deepEqual(await ended, [1, ''])
    await stop(running)
    const last = read()
    await sleep(300)
    assert.equal(last.child.exitCode, null)
    child.kill('SIGKILL')
    assert.deepEqual(await last.ended, [0, 's'])
    assert.deepEqual(await read().ended, [0, 's'])
  })

  it('a crash is not held up by the program that gets the core dump', async (t) => {
    if (guestKernel === undefined) return t.skip('it would change the core pattern of this host')
    const pattern = '/proc/sys/kernel/core_pattern'
    const before = readFileSync(pattern)
    // Its dynamic linker opens a file of the marked folder.
    writeFileSync(pattern, '|/bin/cat')
    try {
      const running = await protect('/etc/none')
      running.child.kill('SIGABRT')
      assert.deepEqual(await running.ended, { code: null, signal: 'SIGABRT' })
    } finally {
      writeFileSync(pattern, before)
    }
  })
})
