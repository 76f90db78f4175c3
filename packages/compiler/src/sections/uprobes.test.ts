import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bytesSource, ElfFile } from '@tetragon-ts/ebpf/elf'
import { buildElf, symbolSections } from '@tetragon-ts/ebpf/elf/testing'
import type { Hook } from '@tetragon-ts/policy'
import type { KernelView } from '../hook-plans/kernel-view.ts'
import { uprobeSection } from './uprobes.ts'

test('indirect functions are not suggested', () => {
  const sections = symbolSections([
    { name: 'copies', address: 0x40_0000 },
    { name: 'copied', address: 0x40_0008, type: 10 },
  ])
  const elf = ElfFile.read(bytesSource(buildElf({ sections })))
  // `nearest` uses nothing else of the kernel.
  const openUserFile = () => ({ elf, [Symbol.dispose]: () => {} })
  const kernel = { openUserFile } as unknown as KernelView
  const hook = { section: 'uprobes', user: { file: '/a' } } as Hook
  const suggested = (shown: string) => uprobeSection.nearest({ shown, symbol: shown }, kernel, hook)
  assert.deepEqual(['copiedd', 'copied+4'].map(suggested), ['copies', 'copies'])
})
