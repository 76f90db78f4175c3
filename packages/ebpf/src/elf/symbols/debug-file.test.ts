import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { ElfFile } from '../elf-file.ts'
import { bytesSource } from '../source.ts'
import { buildElf, note, symbolSections } from '../testing/index.ts'
import { debugFilesIn } from './debug-file.ts'

const root = mkdtempSync(join(tmpdir(), 'debug-files-'))
after(() => rmSync(root, { recursive: true }))
const folder = join(root, 'usr/lib/debug/.build-id/ab')
mkdirSync(folder, { recursive: true })

const idSection = (id: string) => ({
  name: '.note.gnu.build-id',
  type: 7,
  bytes: note('GNU', 3, Buffer.from(id, 'hex')),
})

function file(id: string): ElfFile {
  const [symbols, texts] = symbolSections([{ name: 'exported' }], 64, true)
  return ElfFile.read(bytesSource(buildElf({ sections: [idSection(id), symbols, texts] })))
}

/** Writes a debug file with a function, for `id`, which claims to be for `claimed`. */
function writeDebugFile(id: string, claimed: string): void {
  const sections = [idSection(claimed), ...symbolSections([{ name: 'internal', address: 0x2000 }])]
  writeFileSync(join(folder, `${id.slice(2)}.debug`), buildElf({ sections }))
}

const namesOf = (id: string): string[] =>
  file(id)
    .symbolsWithDebugFile(debugFilesIn(root))
    .functions()
    .map(({ name }) => name)

test('the debug file with the same build id adds its functions', () => {
  writeDebugFile('ab01', 'ab01')
  assert.deepEqual(namesOf('ab01'), ['exported', 'internal'])
  assert.equal(file('ab01').symbols.functions().length, 1)
})

test('other debug files, and missing ones, are not used', () => {
  writeDebugFile('ab02', 'ab03')
  for (const id of ['ab02', 'ab04', 'cd05']) assert.deepEqual(namesOf(id), ['exported'])
})

test('a damaged debug file is a problem, and the other functions remain', () => {
  writeFileSync(join(folder, '06.debug'), 'no ELF')
  const { problems, count } = file('ab06').symbolsWithDebugFile(debugFilesIn(root))
  assert.deepEqual([problems.map(({ code }) => code), count], [['EBPF_ELF_FORMAT'], 1])
})
