import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { isPart, PolicyRun, repeats } from '../../testing/index.ts'
import type { LoadedPolicy } from './loaded-policy.ts'
import { PolicyError } from './policy-error.ts'

/**
 * Rounds wait for each other, so that their records fit into the ring however slow the reader is.
 */
const rounds = repeats(8, 2)
const hitsOfRound = repeats(3000, 300)
const hits = rounds * hitsOfRound
/** Every hit has its own path, so that missing and duplicate hits are detected. */
const script = `i=0
while read round; do
  until [ $i -eq $((round * ${hitsOfRound})) ]; do cd /none/$i 2>/dev/null; i=$((i+1)); done
done`

const chdir = (message: string, more = '') => `
apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata:
  name: follows
spec:
  kprobes:
  - call: sys_chdir
    syscall: true
    message: ${message}
    args: [{index: 0, type: string}]
    selectors: [{matchArgs: [{index: 0, operator: Prefix, values: ["/none/"]}]}]
${more}
`
const withReturn = '    return: true\n    returnArg: {index: 0, type: int}\n'

describe('a policy that replaces another', () => {
  let run: PolicyRun
  before(async () => {
    run = await PolicyRun.start()
  })
  after(() => run?.stop())

  for (const [what, more] of [
    ['posts each hit once', ''],
    ['posts each call with its result once', withReturn],
  ]) {
    it(`${what}, while it is replaced again and again`, async (t) => {
      if (isPart && more === '') return t.skip('calls with results are hits, too: they are tested')
      let policy = await run.load(chdir('message 0', more))
      const shell = run.spawn('/bin/sh', ['-c', script])
      for (let round = 1; round <= rounds; round++) {
        shell.child.stdin?.write(`${round}\n`)
        policy = await run.replace(policy, chdir(`message ${round}`, more))
        // All records from before its end have been read.
        await run.finish(run.spawn('/bin/true', []))
      }
      shell.child.stdin?.end()
      const events = (await run.finish(shell)) as readonly {
        body: { args: { string_arg: string }[]; message: string; return?: { int_arg: number } }
      }[]
      const seen = events.map(({ body }) => Number(body.args[0].string_arg.slice('/none/'.length)))
      // When a trampoline changes, it skips the returns of running calls: those are posted late,
      // without result. All others are in order.
      const late = seen.filter((number, i) => i > 0 && number < seen[i - 1])
      assert.ok(late.length <= (more === '' ? 0 : 2 * rounds), `${late.length} are late`)
      const sorted = seen.toSorted((one, other) => one - other)
      // Not one comparison: its difference would be unreadable.
      const wrong = sorted.findIndex((number, i) => number !== i)
      const near = events.filter((_, i) => Math.abs(seen[i] - sorted[wrong]) <= 1)
      assert.equal(wrong < 0 ? '' : JSON.stringify(near), '')
      assert.equal(seen.length, hits)
      const results = events.filter(({ body }) => body.return?.int_arg === -2)
      assert.ok(more === '' ? results.length === 0 : results.length >= hits - 2 * rounds)
      assert.ok(new Set(events.map(({ body }) => body.message)).size > 1)
      await run.unload(policy)
    })
  }

  it('leaves the old one alone if it cannot be loaded', async () => {
    const policy = await run.load(chdir('old'))
    const bad = chdir('new').replace('sys_chdir', 'sys_no_such_call')
    await assert.rejects(run.replace(policy, bad), PolicyError)
    const posted = await run.finish(run.spawn('/bin/sh', ['-c', 'cd /none/a']))
    assert.deepEqual(messages(posted), ['old'])
    await run.unload(policy)
    await assert.rejects(run.replace(policy, chdir('new')), /it is not loaded/)
  })

  it('continues with the followed descriptors of the old one', async (t) => {
    const follows = (message: string) => `
apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata:
  name: follows
spec:
  kprobes:
  - call: fd_install
    syscall: false
    args: [{index: 0, type: int}, {index: 1, type: file}]
    selectors:
    - matchArgs: [{index: 1, operator: Prefix, values: ["${run.folder}/"]}]
      matchActions: [{action: FollowFD, argFd: 0, argName: 1}, {action: NoPost}]
  - call: sys_write
    syscall: true
    message: ${message}
    args: [{index: 0, type: fd}]
`
    let policy: LoadedPolicy
    try {
      policy = await run.load(follows('old'))
    } catch (error) {
      if (!(error instanceof PolicyError)) throw error
      return t.skip(error.message)
    }
    const script = `
      const { openSync, readSync, writeSync } = require('node:fs')
      const file = openSync('followed', 'w')
      writeSync(file, 'one')
      console.log('written')
      readSync(0, Buffer.alloc(1))
      writeSync(file, 'two')
    `
    const writer = run.spawn(process.execPath, ['-e', script])
    while (writer.output === '') await sleep(5)
    policy = await run.replace(policy, follows('new'))
    writer.child.stdin?.end('go on')
    assert.deepEqual(messages(await run.finish(writer)), ['old', 'new'])
    await run.unload(policy)
  })
})

function messages(events: readonly { readonly body: object }[]): unknown[] {
  return events.map(({ body }) => (body as { message?: string }).message)
}
