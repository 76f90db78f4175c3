import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { debugFilesIn, ElfFile } from '@tetragon-ts/ebpf/elf'
import {
  functionsByReadelf,
  probesByReadelf,
  stubsByObjdump,
  variableByReadelf,
} from './binutils.ts'
import {
  buildVariant,
  stripped,
  type VariantName,
  variants,
  withMiniDebugInfo,
  writeDebugFile,
} from './build-programs.ts'

const folder = mkdtempSync(join(tmpdir(), 'elf-programs-'))
after(() => rmSync(folder, { recursive: true }))

const built = new Map<VariantName, Promise<string>>()
function variant(name: VariantName): Promise<string> {
  const path = built.get(name) ?? buildVariant(name, folder)
  built.set(name, path)
  return path
}

/** Compares symbols, stubs and probes with those that binutils show. */
async function compare(path: string): Promise<void> {
  using file = ElfFile.open(path)
  const functions = file.symbols.functions().map(({ address, name }) => `${address} ${name}`)
  assert.deepEqual(new Set(functions), await functionsByReadelf(path))
  for (const stub of await stubsByObjdump(path)) {
    const [address, name] = stub.split(' ')
    const kinds = file.symbols.find(name).map((each) => `${each.address} ${each.kind}`)
    assert.ok(kinds.includes(`${address} plt`), `${stub} in ${path}: ${kinds}`)
  }
  const bytes = readFileSync(path)
  const expected = await probesByReadelf(path)
  const probes = file.usdtProbes()
  assert.deepEqual(
    probes.map(({ name, address, semaphoreOffset }) => [
      name,
      address,
      semaphoreOffset && file.addressOf(semaphoreOffset),
    ]),
    expected.map(({ name, address, semaphore }) => [name, address, semaphore || undefined]),
  )
  for (const { offset, semaphoreOffset } of probes) {
    assert.equal(bytes[offset], 0x90)
    if (semaphoreOffset !== undefined) assert.equal(bytes.readUInt16LE(semaphoreOffset), 0x5a5a)
  }
}

describe('programs that gcc builds', () => {
  for (const name of Object.keys(variants) as VariantName[]) {
    test(`${name}: symbols, stubs and probes are those that binutils show`, async () => {
      const path = await variant(name)
      await compare(path)
      using file = ElfFile.open(path)
      assert.equal(file.buildId?.length, 20)
      const probes = file.usdtProbes()
      assert.deepEqual(probes.map((probe) => probe.name).sort(), ['count', 'count', 'helper'])
      for (const { arguments: list } of probes) {
        assert.ok(list.every(({ kind }) => kind !== 'unknown'))
      }
      const [chosen] = file.symbols.find('chosen')
      assert.deepEqual([chosen.kind, chosen.size > 0], ['ifunc', true])
    })
  }

  test('arguments are where the compiler has put them', async () => {
    using file = ElfFile.open(await variant('pie'))
    using fixed = ElfFile.open(await variant('no-pie'))
    const probes = file.usdtProbes()
    const helper = probes.find(({ name }) => name === 'helper')
    assert.ok(helper)
    const [value, letter, total] = helper.arguments
    assert.deepEqual([value.size, value.signed, value.kind], [4, true, 'register'])
    assert.deepEqual([letter.size, letter.kind], [1, 'register'])
    assert.ok(total.kind === 'memory' && total.register === 'rip')
    const address = await variableByReadelf(await variant('pie'), 'total')
    assert.equal(helper.address + total.displacement, address)
    const item = fixed.usdtProbes().find(({ name }) => name === 'helper')?.arguments[3]
    assert.ok(item?.kind === 'absolute' && item.index !== undefined && item.scale === 4)
    const counted = probes.find(({ name }) => name === 'count')
    assert.deepEqual(counted?.arguments[1], { size: 4, signed: false, kind: 'constant', value: 7n })
  })

  test('functions that strip removes are in mini debug info and in debug files', async () => {
    const path = await variant('pie')
    const all = await functionsByReadelf(path)
    const namesOf = (functions: ReturnType<ElfFile['symbols']['functions']>): Set<string> =>
      new Set(functions.map(({ address, name }) => `${address} ${name}`))
    using mini = ElfFile.open(await withMiniDebugInfo(path))
    assert.deepEqual(namesOf(mini.symbols.functions()), all)
    using program = ElfFile.open(await stripped(path))
    assert.ok(program.symbols.find('helper').length === 0)
    const id = Buffer.from(program.buildId ?? []).toString('hex')
    await writeDebugFile(path, id, folder)
    assert.deepEqual(namesOf(program.symbolsWithDebugFile(debugFilesIn(folder)).functions()), all)
  })
})

test('files of this machine are read as binutils read them', async () => {
  const library = '/lib/x86_64-linux-gnu/libc.so.6'
  for (const path of ['/bin/sh', '/bin/bash', '/lib64/ld-linux-x86-64.so.2', library]) {
    await compare(path)
  }
})
