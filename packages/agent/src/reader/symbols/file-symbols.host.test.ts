import assert from 'node:assert/strict'
import {
  copyFileSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { ElfFile } from '@tetragon-ts/ebpf/elf'
import { deviceName } from '../mapped-files/waiting-mounts.ts'
import { FileSymbols } from './file-symbols.ts'
import type { CodeLocation } from './symbol-question.ts'
import { imageOf } from './testing/image-of.ts'

const program = realpathSync('/bin/bash')

describe('symbols of mapped files', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tetragon-symbols-'))
  after(() => rmSync(folder, { recursive: true, force: true }))
  using elf = ElfFile.open(program)
  const [symbol] = elf.symbols.functions().filter(({ size }) => size > 8)
  const offset = (elf.offsetOf(symbol.address) ?? 0) + 4

  const open = (path: string, change: Partial<CodeLocation> = {}) =>
    new FileSymbols('/proc').open(imageOf(process.pid), { ...locationIn(path), ...change })
  const nameAt = (program: ReturnType<typeof open>, at: number) => {
    assert.ok(program !== undefined && program !== 'other')
    return program.find(at)
  }

  it('are found in the file at the path if it is the mapped one', () => {
    const opened = open(program)
    assert.deepEqual(nameAt(opened, offset), { name: symbol.name, offset: 4 })
    assert.ok(opened !== 'other' && opened?.isShared)
    assert.equal(open(program, { inode: '1' }), undefined)
    assert.equal(open(program, { device: 'fe:77' }), undefined)
  })

  it('are found through the mapping', () => {
    const [start, end] = rangeOf(process.execPath)
    const opened = open(process.execPath, { start, end, path: '/none' })
    assert.ok(opened !== undefined && opened !== 'other')
    assert.ok(opened.isShared)
  })

  it('are not those of another file that was mapped at the same place', () => {
    const [start, end] = rangeOf(process.execPath)
    assert.equal(open(program, { start, end, path: '/none' }), undefined)
  })

  it('are not those of what is no program', () => {
    const text = join(folder, 'text')
    writeFileSync(text, 'text'.repeat(1000))
    assert.equal(open(text), 'other')
    assert.equal(open('/dev/zero'), 'other')
    assert.equal(open(folder), 'other')
    rmSync(text)
    assert.equal(open(program, { path: text }), undefined)
  })

  it('are found in a sparse file of a gigabyte, and not in damaged ones', () => {
    const sparse = join(folder, 'sparse')
    copyFileSync(program, sparse)
    truncateSync(sparse, 2 ** 30)
    assert.deepEqual(nameAt(open(sparse), offset), { name: symbol.name, offset: 4 })
    const cut = join(folder, 'cut')
    copyFileSync(program, cut)
    truncateSync(cut, statSync(program).size >> 1)
    // Its symbols are those of the half that is left, if any.
    const found = nameAt(open(cut), offset)
    assert.ok(found === undefined || found.name === symbol.name)
  })

  it('are read again after a change that keeps size and modification time', () => {
    const symbols = new FileSymbols('/proc')
    const path = join(folder, 'changed')
    copyFileSync(program, path)
    const find = () => symbols.open(imageOf(process.pid), locationIn(path))
    assert.ok(nameAt(find(), offset))
    const { size, atime, mtime } = statSync(path)
    writeFileSync(path, Buffer.alloc(size))
    utimesSync(path, atime, mtime)
    assert.equal(find(), 'other')
  })
})

/** The location of a file that is not mapped, so that the path is used. */
function locationIn(path: string): CodeLocation {
  const { ino, dev } = statSync(path, { bigint: true })
  const device = deviceName(Number((dev >> 8n) & 0xfffn), Number(dev & 0xffn))
  return { address: 0, start: 1, end: 2, device, inode: `${ino}`, path, offset: 0 }
}

/** Where this process has mapped a file. */
function rangeOf(path: string): number[] {
  const lines = readFileSync('/proc/self/maps', 'utf8').split('\n')
  const [range] = (lines.find((line) => line.endsWith(` ${path}`)) ?? '').split(' ')
  return range.split('-').map((hex) => Number.parseInt(hex, 16))
}
