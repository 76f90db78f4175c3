import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { deflateSync } from 'node:zlib'
import { BtfError } from '@tetragon-ts/ebpf/btf'
import { EbpfError } from '@tetragon-ts/ebpf/errors'
import { sampleDescription } from '../testing/index.ts'
import { contentMax, fileMax, packParts, unpackParts } from './container.ts'
import {
  decodeKernel,
  describedKernel,
  encodeKernel,
  type KernelDescription,
  KernelFileError,
} from './index.ts'

const sample = sampleDescription(['kprobe', 'fentry'])

/** The code of the error that decoding throws. */
async function codeOf(file: Uint8Array): Promise<string | undefined> {
  try {
    await decodeKernel(file)
    return undefined
  } catch (error) {
    assert.ok(error instanceof KernelFileError, `not a typed error: ${error}`)
    return error.code
  }
}

/** Facts of any type. */
type AnyFacts = { -readonly [Name in keyof KernelDescription['facts']]?: unknown }

/** The file of the sample with other facts. */
function withFacts(change: (facts: AnyFacts) => void): Promise<Uint8Array> {
  const facts = structuredClone(sample.facts)
  change(facts)
  return encodeKernel({ ...sample, facts })
}

/** A file with this content, of which the checksum is right. */
function fileOf(content: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from('tetragon kernel\n\x01'), deflateSync(content)])
}

describe('a description of a kernel', () => {
  it('is read as it was written', async () => {
    const read = await decodeKernel(await encodeKernel(sample))
    assert.deepEqual(read.functions, sample.functions)
    assert.deepEqual(Buffer.from(read.btf), Buffer.from(sample.btf))
    assert.equal(JSON.stringify(read.facts), JSON.stringify(sample.facts))
  })

  it('of an earlier version refuses what it was not asked', async () => {
    const { facts } = await decodeKernel(
      await withFacts((facts) => Object.assign(facts, { refusals: { fentry: '' }, abilities: {} })),
    )
    const { fentry, lsm } = facts.refusals
    assert.deepEqual([fentry, lsm.includes('earlier version')], ['', true])
  })

  it('is the view of a kernel', () => {
    const { view, release, target } = describedKernel(sample)
    assert.equal(release, '6.12.1-sample')
    assert.equal(target.longJumps, true)
    assert.equal(view.refuses('kprobe'), undefined)
    assert.deepEqual(view.refuses('lsm'), { by: 'kernel', reason: 'no lsm' })
    assert.deepEqual([view.hasSymbol('hidden'), view.hasSymbol('none')], [true, false])
    assert.deepEqual([...(view.traceable ?? [])].sort(), ['tcp_close', 'vfs_read'])
    assert.deepEqual(
      [view.returnDistance('kprobe'), view.returnDistance('kprobe_multi')],
      [8, undefined],
    )
    assert.deepEqual([view.tracepoints(), view.tracepoints('sched')], [['sched'], ['sched_switch']])
    const [field] = view.tracepointFields('sched', 'sched_switch')
    const { name, kind, length, elementSize } = field
    assert.deepEqual([name, kind, length, elementSize], ['prev_comm', 'array', 16, 1])
    const missing = (error: unknown) =>
      error instanceof EbpfError && error.code === 'EBPF_NO_TRACEPOINT'
    assert.throws(() => view.tracepointFields('sched', 'constructor'), missing)
    assert.throws(() => view.btf.module('nf_tables'), BtfError)
  })

  it('of other processors cannot be compiled for', () => {
    const other = process.arch === 'x64' ? 'arm64' : 'x64'
    const facts = { ...sample.facts, architecture: other } as const
    const isRefused = (error: unknown) =>
      error instanceof KernelFileError && error.code === 'KERNEL_ARCHITECTURE'
    assert.throws(() => describedKernel({ ...sample, facts }), isRefused)
  })

  it('with broken types is a typed error', () => {
    const broken = { ...sample, btf: Buffer.from('no types') }
    const isRefused = (error: unknown) =>
      error instanceof KernelFileError && error.code === 'KERNEL_FILE'
    assert.throws(() => describedKernel(broken), isRefused)
  })
})

describe('a hostile file', () => {
  it('is refused for its size before it is decompressed', async () => {
    assert.equal(await codeOf(new Uint8Array(fileMax + 1)), 'KERNEL_FILE_SIZE')
  })

  it('cannot decompress to more than the limit', async () => {
    const bomb = fileOf(Buffer.alloc(contentMax + 1))
    assert.ok(bomb.length < 1 << 20)
    assert.equal(await codeOf(bomb), 'KERNEL_FILE_SIZE')
  })

  it('of another format or version is named', async () => {
    assert.equal(await codeOf(Buffer.from('')), 'KERNEL_FILE')
    assert.equal(await codeOf(Buffer.from('\x7fELF and more bytes than the magic')), 'KERNEL_FILE')
    const file = Buffer.from(await encodeKernel(sample))
    file[16] = 2
    assert.equal(await codeOf(file), 'KERNEL_FILE_VERSION')
  })

  it('with bytes after its compressed content is refused', async () => {
    const file = await encodeKernel(sample)
    const compressed = file.subarray(17)
    const checksum = compressed.subarray(-4)
    for (const bytes of [Uint8Array.of(0), new Uint8Array(100_000), checksum, compressed]) {
      const message = /^read description: .*\bafter\b/
      const isRefused = (error: unknown) =>
        error instanceof KernelFileError &&
        error.code === 'KERNEL_FILE' &&
        message.test(error.message)
      await assert.rejects(decodeKernel(Buffer.concat([file, bytes])), isRefused)
    }
    assert.equal(await codeOf(file.subarray(0, -1)), 'KERNEL_FILE')
  })

  it('with wrong parts is refused', async () => {
    const table = (text: string) => {
      const head = Buffer.alloc(4)
      head.writeUInt32LE(text.length)
      return fileOf(Buffer.concat([head, Buffer.from(text)]))
    }
    for (const text of [
      ...['{}', '[1]', '[["a"]]', '[["a",-1]]', '[["a",1e300]]', '[["a",9]]', '[["a\\u0000",0]]'],
      ...['[["facts",0]]', '[', '', `[${'["a",0],'.repeat(99)}["a",0]]`],
    ]) {
      assert.equal(await codeOf(table(text)), 'KERNEL_FILE', text)
    }
    const parts = new Map(await unpackParts(await encodeKernel(sample)))
    parts.set('functions', Buffer.from('traceable\nna me\n'))
    assert.equal(await codeOf(await packParts(parts)), 'KERNEL_FILE')
    parts.delete('functions')
    assert.equal(await codeOf(await packParts(parts)), 'KERNEL_FILE')
  })

  it('cannot claim what the compiler does not expect', async () => {
    for (const change of [
      (facts) => Object.assign(facts, { architecture: 'vax' }),
      (facts) => Object.assign(facts, { release: '6.1\x1b[2J' }),
      (facts) => Object.assign(facts, { release: 'x'.repeat(2000) }),
      (facts) => Object.assign(facts, { refusals: { fentry: 1 } }),
      (facts) => Object.assign(facts, { cgroups: { hierarchy: { version: 3, id: 0 } } }),
      (facts) => Object.assign(facts, { returnDistances: { kprobe: 0.5, kprobe_multi: 0 } }),
      (facts) => Object.assign(facts, { tracepoints: { a: { b: [['int', 'x', -1, 4, 0]] } } }),
      (facts) => Object.assign(facts, { tracepoints: { a: { b: [['int', 'x', 0, 1e9, 0]] } } }),
      (facts) => Object.assign(facts, { tracepoints: [] }),
      (facts) => Object.assign(facts, { probes: { kprobe: { answer: 'maybe', reason: '' } } }),
    ] satisfies readonly ((facts: AnyFacts) => void)[]) {
      assert.equal(await codeOf(await withFacts(change)), 'KERNEL_FILE', String(change))
    }
  })

  it('is read or refused with a typed error, whichever bytes are changed', async () => {
    const file = Buffer.from(await encodeKernel(sample))
    const content = await contentOf(sample)
    let seed = 7
    const next = (below: number) => {
      seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff
      return (seed >>> 8) % below
    }
    const mutated = (bytes: Buffer) => {
      const copy = Buffer.from(bytes)
      for (let i = next(4); i >= 0; i--) copy[next(copy.length)] = next(256)
      return next(4) === 0 ? copy.subarray(0, next(copy.length)) : copy
    }
    let accepted = 0
    for (let i = 0; i < 1500; i++) {
      await codeOf(mutated(file))
      // With a right checksum more of them reach the parts.
      const inner = fileOf(mutated(content))
      if ((await codeOf(inner)) === undefined) {
        accepted++
        await usable(inner)
      }
    }
    assert.ok(accepted > 50, `only ${accepted} mutations were read`)
  })
})

/** The bytes that a file compresses. */
async function contentOf(description: KernelDescription): Promise<Buffer> {
  const parts = await unpackParts(await encodeKernel(description))
  const table = Buffer.from(JSON.stringify([...parts].map(([name, { length }]) => [name, length])))
  const head = Buffer.alloc(4)
  head.writeUInt32LE(table.length)
  return Buffer.concat([head, table, ...parts.values()])
}

/** Uses the types of a file that was read. */
async function usable(file: Uint8Array): Promise<void> {
  try {
    const { view } = describedKernel(await decodeKernel(file))
    view.btf.prototype('vfs_read')
    view.btf.tracepointPrototype('sys_enter')
    for (let id = 0; id < Math.min(view.btf.endId, 50); id++) view.btf.describe(id)
  } catch (error) {
    assert.ok(error instanceof KernelFileError || error instanceof BtfError, String(error))
  }
}
