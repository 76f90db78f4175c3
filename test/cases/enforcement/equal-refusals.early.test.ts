import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { isFull } from '@tetragon-ts/agent/testing'
import {
  Attacked,
  attempts,
  countsOf,
  type Hit,
  hitOf,
  hitsOf,
  type Operation,
  policy,
  refuse,
  refused,
  workers,
} from './attack.ts'
import { leftToHost, ways, whyNot } from './ways.ts'

interface Wanted {
  readonly files: readonly string[]
  readonly options?: readonly string[]
  readonly name?: string
  readonly actions?: string
}

/** Values of the option override-method, for means that must be named. */
const methods: Readonly<Record<string, string>> = { fmod_ret: 'fmod-ret', fanotify: 'fanotify' }

function forbid(means: string, { files, options = [], name = 'forbids', ...more }: Wanted): string {
  const method = methods[means] ? [`{name: override-method, value: ${methods[means]}}`] : []
  return policy(
    name,
    `
options: [${[...method, ...options].join(', ')}]
kprobes:
- call: security_file_open
  syscall: false
  args: [{index: 0, type: file}]
  selectors:
  - matchArgs: [{index: 0, operator: Equal, values: [${files.join(', ')}]}]
    matchActions: [${more.actions ?? refuse}]`,
  )
}

/** The name of the file of an event. */
const nameOf = ({ args }: Hit): string => args?.[0]?.file_arg?.path?.split('/').at(-1) ?? ''

/** A policy on connections that shows their sockets. */
const forbidPort = (port: number): string =>
  policy(
    'forbids',
    `
options: [{name: override-method, value: cgroup}]
kprobes:
- call: security_socket_connect
  syscall: false
  args: [{index: 0, type: socket}, {index: 1, type: sockaddr}]
  selectors:
  - matchArgs: [{index: 1, operator: SPort, values: ["${port}"]}]
    matchActions: [${refuse}]`,
  )

/**
 * For each second that the attack may have taken: the number, and the first refusals, of which each
 * thread may have one at the same time.
 */
function assertFew(events: readonly Hit[], since: number): void {
  const seconds = Math.ceil((performance.now() - since) / 1000) + 1
  assert.ok(events.length <= (1 + workers) * seconds, `${events.length} events in ${seconds} s`)
}

/** Replaces a policy during an attack: events of both stand for each refusal once. */
async function checkReplaced(
  attacked: Attacked,
  operation: Operation,
  target: string,
  text: string,
): Promise<void> {
  const { run } = attacked
  const first = await run.load(text)
  const started = attacked.begin(operation, 'thread', target)
  const second = await run.replace(first, text)
  await started.ended
  await run.unload(second)
  await run.finish(started)
  await run.finish(run.spawn('/bin/true', []))
  const events = run.events.slice(started.since).filter(({ key, body }) => {
    const { process } = body as { readonly process?: { readonly pid?: number } }
    return key === 'process_kprobe' && process?.pid === started.pid
  })
  const hits = events.flatMap((event) => hitOf(event) ?? [])
  assert.equal(hitsOf(hits), attempts, JSON.stringify(hits.map((each) => each.hits)))
}

/** Why a means cannot be tested here. */
function lacking(means: 'lsm' | 'fmod_ret' | 'fanotify' | 'cgroup'): string | undefined {
  const isOfHost = means === 'fanotify' || means === 'cgroup'
  return isOfHost && !isFull ? leftToHost : whyNot(ways[means])
}

for (const means of ['lsm', 'fmod_ret', 'fanotify'] as const) {
  describe(`equal refusals by ${means}`, { skip: lacking(means) }, () => {
    let attacked: Attacked
    let other: string
    before(async () => {
      attacked = await Attacked.start()
      other = join(attacked.run.folder, 'other')
      writeFileSync(other, 'o')
    })
    after(() => attacked?.run.stop())

    const open = (file: string) => attacked.attack('open', 'thread', file)

    it('are few events with exact counts, for each file and process', async () => {
      const text = forbid(means, { files: [attacked.file, other] })
      await attacked.under(text, async (loaded) => {
        const pids = new Set<number>()
        for (const file of [attacked.file, other, attacked.file]) {
          const since = performance.now()
          const { tally, events } = await open(file)
          assert.deepEqual(tally, refused(1))
          assert.equal(hitsOf(events), attempts)
          assertFew(events, since)
          assert.deepEqual([...new Set(events.map(nameOf))], [file.split('/').at(-1)])
          // The first one is not held back.
          assert.equal(events[0].hits, 1)
          for (const { process } of events) pids.add(process?.pid ?? 0)
        }
        assert.equal(pids.size, 3)
        const { post, override } = countsOf(loaded)
        assert.deepEqual([post, override], [3 * attempts, 3 * attempts])
      })
    })

    it('are an event each if the policy says so', async () => {
      const options = ['{name: equal-refusals, value: post}']
      await attacked.under(forbid(means, { files: [other], options }), async () => {
        const { events } = await open(other)
        assert.equal(events.length, attempts)
        assert.equal(hitsOf(events), attempts)
      })
    })

    it('are an event each in mode monitor, where nothing is refused', async () => {
      const options = ['{name: policy-mode, value: monitor}']
      await attacked.under(forbid(means, { files: [other], options }), async () => {
        const { events } = await open(other)
        assert.equal(events.length, attempts)
      })
    })

    it('are counted once if the policy is replaced during the attack, then removed', () =>
      checkReplaced(attacked, 'open', other, forbid(means, { files: [other] })))
  })
}

describe('equal refusals by cgroup', { skip: lacking('cgroup') }, () => {
  let attacked: Attacked
  before(async () => {
    attacked = await Attacked.start()
  })
  after(() => attacked?.run.stop())

  it('are the same whatever socket is used', async () => {
    await attacked.under(forbidPort(9), async () => {
      const since = performance.now()
      const { tally, events } = await attacked.attack('connect4', 'thread', '9')
      assert.deepEqual(tally, refused(1))
      assert.equal(hitsOf(events), attempts)
      assertFew(events, since)
      for (const { args } of events) assert.notEqual(args?.[0].sock_arg?.cookie ?? '0', '0')
    })
  })

  it('are counted once if the policy is replaced during the attack', () =>
    checkReplaced(attacked, 'connect4', '9', forbidPort(9)))
})
