import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { PolicyRun } from '@tetragon-ts/agent/testing'
import { probe } from '@tetragon-ts/ebpf/features'
import { ownWorkload } from '../../workloads/index.ts'
import { counterOffset } from './counter-offset.ts'
import { kernelAddress } from './kernel-address.ts'

describe('uprobes', () => {
  let run: PolicyRun
  let program: string
  before(async () => {
    run = await PolicyRun.start()
    program = await ownWorkload('probed', run.folder)
  })
  after(() => run?.stop())

  /** The events of a process under a policy with one hook. */
  async function eventsOf(hook: string, ...words: string[]) {
    const policy = await run.loadAttached(policyOf(hook.replaceAll('PROGRAM', program)))
    try {
      const started = run.spawn(program, words)
      return await run.finish(started)
    } finally {
      await run.unload(policy)
    }
  }

  it('show nothing of the kernel, whatever address a process passes', async () => {
    const types = ['string', 'cap_effective', 'sockaddr', 'sockaddr_un', 'char_iovec', 'bpf_attr']
    for (const type of types) {
      const hook = `path: PROGRAM\n    symbols: [takes_text]\n    args: [{index: 0, type: ${type}}]`
      const [{ args }] = await eventsOf(hook, 'address', kernelAddress())
      assert.deepEqual(args, [{ error_arg: { Message: 'Bad address for basic type' } }], type)
    }
  })

  it('show socket addresses that are not in memory', async (t) => {
    const { answer, reason } = probe('uprobe_multi')
    if (answer !== 'yes') return t.skip(reason)
    const hook =
      'path: PROGRAM\n    symbols: [takes_text]\n    args: [{index: 0, type: sockaddr_un, sizeArgIndex: 2}]'
    const [{ args }] = await eventsOf(hook, 'absent', '\\x01', '0')
    assert.ok(args[0].error_arg === undefined, JSON.stringify(args))
  })

  it('show elements from the address of an argument, with the types of the kernel', async () => {
    const [{ args }] = await eventsOf(
      `path: PROGRAM
    btfPath: /sys/kernel/btf/vmlinux
    symbols: [takes_bytes]
    args:
    - {index: 0, type: uint64, btfType: iovec, resolve: '[1].iov_len'}
    - {index: 0, type: uint64, btfType: iovec, resolve: '[2].iov_base'}`,
      ...['bytes', `${'-'.repeat(24)}ABCDEFGHabcdefgh`],
    )
    const words = ['ABCDEFGH', 'abcdefgh'].map((text) => Buffer.from(text).readBigUInt64LE())
    assert.deepEqual(
      args.map(({ size_arg }) => size_arg),
      words.map(String),
    )
  })

  it('count uses of a counter while they are attached', async () => {
    const counter = counterOffset(program)
    const load = (more: string) =>
      run.loadAttached(policyOf(`path: ${program}\n    symbols: [takes_six]${more}`))
    const counted = async (): Promise<string> => {
      const started = run.spawn(program, ['counter'])
      await run.finish(started)
      return started.output.trim()
    }
    assert.equal(await counted(), '0')
    const policy = await load(`\n    refCtrOffsets: [${counter}]`)
    assert.equal(await counted(), '1')
    // The kernel has one counter for an instruction.
    await assert.rejects(
      load(''),
      /EINVAL.*another program may probe it with another reference counter/,
    )
    await run.unload(policy)
    while ((await counted()) !== '0') await sleep(10)
  })

  it('are refused with the reason, and a suggestion', async () => {
    const refused = async (hook: string, expected: RegExp) => {
      const loading = run.loadAttached(policyOf(hook.replaceAll('PROGRAM', program)))
      await assert.rejects(loading, expected)
    }
    await refused(
      'path: PROGRAM\n    symbols: [take_six]',
      /case.yaml:8:11: error: the file has no function take_six; .*takes_six/,
    )
    await refused('path: PROGRAM\n    offsets: [64]', /the file has no function 0x40/)
    await refused('path: /etc/hostname\n    symbols: [main]', /not an? ELF/i)
    await refused('path: bin/true\n    symbols: [main]', /the path must be absolute/)
    const file = '{index: 0, type: file}'
    await refused(
      `path: PROGRAM\n    symbols: [main]\n    args: [${file}]`,
      /file cannot be read in user space/,
    )
  })
})

it('redaction filters hide secrets in data of uprobes', async () => {
  const filter = JSON.stringify({ binary_regex: ['probed$'], redact: ['password=(\\S+)'] })
  const run = await PolicyRun.start('--redaction-filters', filter)
  const program = await ownWorkload('probed', run.folder)
  const policy = `path: ${program}
    symbols: [takes_text]
    args: [{index: 0, type: string}]
  - path: ${program}
    symbols: [takes_bytes]
    args: [{index: 0, type: char_buf, sizeArgIndex: 2}]`
  await run.loadAttached(policyOf(policy))
  const words = ['text', 'user=ü password=pä more', '--', 'bytes', 'password=\xff']
  const events = await run.finish(run.spawn(program, words))
  await run.stop()
  const [text, bytes] = events.map(({ args: [arg] }) => arg)
  assert.equal(text.string_arg, 'user=ü password=***** more')
  assert.equal(Buffer.from(bytes.bytes_arg ?? '', 'base64').toString(), 'password=*****')
})

function policyOf(hook: string): string {
  return `
apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata:
  name: probes
spec:
  uprobes:
  - ${hook}
`
}
