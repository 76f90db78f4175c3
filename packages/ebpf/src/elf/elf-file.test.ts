import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import fc from 'fast-check'
import { ElfFile } from './elf-file.ts'
import { elfWithProbes } from './testing/elf-with-probes.ts'

test('functions and static probes are found', () => {
  for (const bits of [64, 32] as const) {
    const functions = [
      { name: 'main', isDefined: true },
      { name: 'puts', isDefined: false },
      { name: 'ünï', isDefined: true },
    ]
    const probes = [
      { provider: 'app', name: 'start' },
      { provider: 'libc', name: 'setjmp' },
      { provider: 'app', name: 'start' },
    ]
    const file = new ElfFile(elfWithProbes(bits, functions, probes))
    assert.deepEqual(file.functions(), ['main', Buffer.from('ünï').toString('latin1')])
    assert.deepEqual(file.usdtProbes(), probes.slice(0, 2))
  }
})

test('a real program is read', () => {
  const functions = new ElfFile(readFileSync(process.execPath)).functions()
  assert.ok(functions.length > 100)
})

test('names longer than any real one are ignored', () => {
  for (const name of ['f'.repeat(4097), 'f'.repeat(4096)]) {
    const file = new ElfFile(elfWithProbes(64, [{ name, isDefined: true }], []))
    assert.deepEqual(file.functions(), name.length > 4096 ? [] : [name])
  }
})

test('other files are refused, and broken ones do no harm', () => {
  assert.throws(() => new ElfFile(Buffer.from('#!/bin/sh\n'.repeat(10))), /not an ELF file/)
  const sample = elfWithProbes(64, [{ name: 'f', isDefined: true }], [{ provider: 'a', name: 'b' }])
  const changes = fc.array(fc.tuple(fc.nat(sample.length - 1), fc.nat(255)), { minLength: 1 })
  fc.assert(
    fc.property(changes, fc.nat(sample.length), (bytes, cut) => {
      const broken = Buffer.from(sample)
      for (const [at, byte] of bytes) broken[at] = byte
      try {
        const file = new ElfFile(broken.subarray(0, cut === 0 ? undefined : cut))
        file.functions()
        file.usdtProbes()
      } catch (error) {
        assert.match(
          (error as Error).message,
          /^(not an ELF|unsupported byte order|invalid section table)/,
        )
      }
    }),
  )
})
