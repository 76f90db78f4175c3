import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { deflateSync } from 'node:zlib'
import { encodeKernel, type KernelDescription } from '@tetragon-ts/compiler/kernel-description'
import { sampleDescription } from '@tetragon-ts/compiler/testing'
import { policyContent, policyKinds } from '@tetragon-ts/policy'
import { CheckProcess } from './check-process.ts'
import { KernelChecks } from './kernel-checks.ts'

const sample = sampleDescription(['kprobe'])

/** The sample with other facts. */
async function fileOf(facts: Partial<KernelDescription['facts']>): Promise<Buffer> {
  return Buffer.from(await encodeKernel({ ...sample, facts: { ...sample.facts, ...facts } }))
}

/** A policy with a kprobe for each function. */
function policyOf(calls: readonly string[], more: object = {}) {
  const kprobes = calls.map((call) => ({ call, syscall: false, ...more }))
  const policy = policyContent(policyKinds[0], { metadata: { name: 'p' }, spec: { kprobes } })
  assert.ok(policy)
  return policy
}

/** The sample has no structures, so a program cannot be built for it. */
const works = policyOf(['missing_function'], { ignore: { callNotFound: true } })

/** A small file whose list of functions fills the heap when it is split into lines. */
function manyLines(): Buffer {
  const functions = Buffer.alloc(20 << 20, '\n')
  const facts = Buffer.from(JSON.stringify(sample.facts))
  const parts = [
    ['facts', facts.length],
    ['functions', functions.length],
    ['btf', 0],
  ]
  const table = Buffer.from(JSON.stringify(parts))
  const length = Buffer.alloc(4)
  length.writeUInt32LE(table.length)
  return Buffer.concat([length, table, facts, functions])
}

/** Nodes by kernel, as a watch knows them; undefined: not described. */
function watchOf(kernels: readonly (readonly [Buffer | undefined, ...nodes: string[]])[]) {
  const pod = (node: string) => ({ name: node, uid: node, node, isReady: true, isOver: false })
  const hashOf = (index: number) => String(index)
  return {
    kernels: {
      kept: kernels.map(([bytes, ...nodes], index) => {
        return { hash: hashOf(index), size: bytes?.length ?? 1, pods: nodes.map(pod) }
      }),
      refused: [],
      unknown: [],
    },
    descriptions: { bytesOf: (hash: string) => kernels[Number(hash)]?.[0] },
  }
}

describe('checks of policies for the kernels of nodes', () => {
  const opened: { close(): void }[] = []
  after(() => {
    for (const each of opened) each.close()
  })

  function checksOf(kernels: Parameters<typeof watchOf>[0], ms = 60_000): KernelChecks {
    const checks = new KernelChecks(watchOf(kernels) as never, ms)
    opened.push(checks)
    return checks
  }

  it('name the nodes where a policy does not work, and nothing if it does', async () => {
    const checks = checksOf([
      [await fileOf({ release: '6.12.1' }), 'a'],
      [
        await fileOf({ refusals: { ...sample.facts.refusals, kprobe: 'no kprobe' } }),
        'b',
        'c',
        'd',
        'e',
      ],
    ])
    assert.deepEqual(await checks.warnings(policyOf(['missing_function'])), [
      'the policy does not work on node a (kernel 6.12.1): this kernel has no function missing_function (spec.kprobes[0].call) [POLICY_FUNCTION]',
      'the policy does not work on nodes b, c, d and 1 more (kernel 6.12.1-sample): this kernel has no function missing_function (spec.kprobes[0].call) [POLICY_FUNCTION]',
    ])
    assert.deepEqual(await checks.warnings(works), [])
    const { content, ...policy } = policyOf(['missing_function'])
    const { spec } = content as { readonly spec: object }
    const nodeSelector = { matchLabels: { zone: 'a' } }
    const selecting = { ...policy, content: { ...content, spec: { ...spec, nodeSelector } } }
    const last = (await checks.warnings(selecting)).at(-1)
    assert.match(last ?? '', /include nodes that spec.nodeSelector does not select/)
  })

  it('are also for other processors', async () => {
    const architecture = process.arch === 'x64' ? 'arm64' : 'x64'
    const checks = checksOf([[await fileOf({ architecture, release: '6.1.0-other' }), 'a']])
    assert.deepEqual(await checks.warnings(works), [])
    const [only] = await checks.warnings(policyOf(['missing_function']))
    assert.match(only, /^the policy does not work on node a \(kernel 6.1.0-other\)/)
  })

  it('say which nodes were not checked', async () => {
    const head = Buffer.from('tetragon kernel\n\x01', 'latin1')
    const checks = checksOf([
      [undefined, 'new'],
      [Buffer.concat([head, deflateSync(Buffer.alloc(1 << 26))]), 'bomb'],
      [Buffer.from('junk'), 'junk'],
      [Buffer.concat([head, deflateSync(manyLines())]), 'lines'],
      [await fileOf({}), 'right'],
    ])
    const expected = [
      'the policy was not checked for node new: the kernel has not been described yet',
      'the policy was not checked for nodes bomb, junk, lines: the description of the kernel cannot be checked',
    ]
    assert.deepEqual(await checks.warnings(works), expected)
    assert.deepEqual(await checksOf([]).warnings(works), [])
  })

  const late = ['the policy was not checked for node a: checking takes too long']

  it('have a time limit, which is that of the API server if it is shorter', async () => {
    const kernels = [[await fileOf({}), 'a']] as const
    assert.deepEqual(await checksOf(kernels, 1).warnings(works), late)
    assert.deepEqual(await checksOf(kernels).warnings(works, 1), late)
  })

  it('leave requests of the webhook to others when many policies wait', async () => {
    const checks = checksOf([[await fileOf({}), 'a']])
    const all = await Promise.all(Array.from({ length: 10 }, () => checks.warnings(works)))
    assert.deepEqual(all, [...Array(8).fill([]), late, late])
    assert.deepEqual(await checks.warnings(works), [], 'later ones are checked')
  })
})

describe('the process that checks policies', () => {
  let folder: string
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'tetragon-test-'))
  })
  after(() => rmSync(folder, { recursive: true }))

  /** A program that answers for each kernel, unless the text does something else. */
  function program(name: string, text: string): string {
    const path = join(folder, `${name}.mjs`)
    const loop = `for (const { hash } of kernels) { ${text}; await answer({ id, hash, result }) }`
    const result = `const result = { kind: 'unreadable', reason: '' }`
    const answer = `const answer = (it) => new Promise((sent) => process.send(it, sent))`
    const all = `process.on('message', async ({ id, kernels }) => { ${loop} })`
    writeFileSync(path, [result, answer, all].join('\n'))
    return path
  }
  const question = (...hashes: string[]) => ({
    policy: policyOf(['f']),
    kernels: hashes.map((hash) => ({ hash, bytes: Buffer.alloc(1) })),
  })
  const right = { kind: 'unreadable', reason: '' }

  it('that fails has no result for the kernel that made it fail, and is replaced', async () => {
    // As V8 does when the heap is full.
    const checker = new CheckProcess('x64', program('bad', "if (hash === 'bad') process.abort()"))
    const found = await checker.ask(question('a', 'bad', 'b'), 60_000)
    assert.deepEqual([...found].sort(), [
      ['a', right],
      ['b', 'late'],
      ['bad', 'failed'],
    ])
    assert.deepEqual([...(await checker.ask(question('b'), 60_000))], [['b', right]])
    checker.close()
  })

  it('that failed with a kernel is asked about it again: the policy may have been the reason', async () => {
    const path = program('once', "if (hash === 'bad') process.abort()")
    const checker = new CheckProcess('x64', path, { stuck: 60_000, avoid: 0 })
    assert.deepEqual([...(await checker.ask(question('bad'), 60_000)).values()], ['failed'])
    assert.ok(!checker.hasFailed('bad'))
    checker.close()
  })

  it('that hangs is killed, with the results until then', async () => {
    const path = program('slow', "if (hash === 'slow') for (;;);")
    const checker = new CheckProcess('x64', path, { stuck: 1500, avoid: 60_000 })
    assert.deepEqual([...(await checker.ask(question('a'), 60_000))], [['a', right]])
    const late = await checker.ask(question('slow', 'b'), 1)
    assert.deepEqual([...late.values()], ['late', 'late'])
    assert.deepEqual([...(await checker.ask(question('b'), 1))], [['b', 'late']])
    assert.deepEqual([...(await checker.ask(question('b'), 60_000))], [['b', right]])
    assert.deepEqual(
      ['slow', 'b'].map((hash) => checker.hasFailed(hash)),
      [true, false],
    )
    checker.close()
  })

  it('that is slow stays for the next question', async () => {
    const text = 'globalThis.count ??= 0; result.reason = String(++globalThis.count)'
    const checker = new CheckProcess('x64', program('counting', text))
    assert.deepEqual([...(await checker.ask(question('a'), 1))], [['a', 'late']])
    const second = await checker.ask(question('b'), 60_000)
    assert.deepEqual([...second], [['b', { ...right, reason: '2' }]])
    checker.close()
  })
})
