import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bytesSource, ElfFile } from '@tetragon-ts/ebpf/elf'
import { buildElf, symbolSections } from '@tetragon-ts/ebpf/elf/testing'
import type { Hook } from '@tetragon-ts/policy'
import { describedFile, describedKernel } from '../testing/index.ts'
import { uprobeSection } from './uprobes.ts'

test('indirect functions are not suggested', () => {
  const sections = symbolSections([
    { name: 'copies', address: 0x40_0000 },
    { name: 'copied', address: 0x40_0008, type: 10 },
  ])
  const elf = ElfFile.read(bytesSource(buildElf({ sections })))
  const file = describedFile({ elf })
  const kernel = { ...describedKernel({ functions: {}, supports: [] }), openUserFile: () => file }
  const hook = { section: 'uprobes', user: { file: '/a' } } as Hook
  const suggested = (shown: string) => uprobeSection.nearest({ shown, symbol: shown }, kernel, hook)
  assert.deepEqual(['copiedd', 'copied+4'].map(suggested), ['copies', 'copies'])
})
