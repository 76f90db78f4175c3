import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { type CpioEntry, cpioCharacterDevice, cpioDirectory, cpioFile, writeCpio } from './cpio.ts'

interface ReadEntry {
  readonly path: string
  readonly mode: number
  readonly content: Buffer
  readonly device: readonly number[]
}

/** Reads an archive like init/initramfs.c. */
function readCpio(archive: Buffer): ReadEntry[] {
  const entries: ReadEntry[] = []
  for (let offset = 0; ; ) {
    assert.equal(archive.toString('latin1', offset, offset + 6), '070701')
    const field = (index: number) => {
      const start = offset + 6 + index * 8
      return Number.parseInt(archive.toString('latin1', start, start + 8), 16)
    }
    const nameStart = offset + 110
    const nameEnd = nameStart + field(11)
    assert.equal(archive[nameEnd - 1], 0)
    const path = archive.toString('utf8', nameStart, nameEnd - 1)
    if (path === 'TRAILER!!!') return entries
    const start = Math.ceil(nameEnd / 4) * 4
    const end = start + field(6)
    const device = [field(9), field(10)]
    entries.push({ path, mode: field(1), content: archive.subarray(start, end), device })
    offset = Math.ceil(end / 4) * 4
  }
}

describe('writeCpio', () => {
  it('writes folders, files and devices', () => {
    const archive = writeCpio([
      cpioDirectory('bin'),
      cpioFile('bin/init', Buffer.from('#!/bin/sh\n'), 0o755),
      cpioCharacterDevice('console', 5, 1),
    ])
    const [folder, file, device] = readCpio(archive)
    assert.deepEqual([folder.path, folder.mode], ['bin', 0o040755])
    assert.deepEqual([file.path, file.mode], ['bin/init', 0o100755])
    assert.equal(file.content.toString(), '#!/bin/sh\n')
    assert.deepEqual([device.mode, device.device], [0o020600, [5, 1]])
  })

  it('ends with a trailer even when empty', () => {
    assert.deepEqual(readCpio(writeCpio([])), [])
    assert.equal(writeCpio([]).length % 4, 0)
  })

  it('keeps every name and content', () => {
    const path = fc.stringMatching(/^[a-z0-9_ä]{1,40}$/)
    const entry = fc.tuple(path, fc.uint8Array({ maxLength: 200 }))
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 8 }), (files) => {
        const entries: CpioEntry[] = files.map(([name, content]) => cpioFile(name, content))
        const read = readCpio(writeCpio(entries))
        assert.deepEqual(
          read.map((found) => [found.path, [...found.content]]),
          files.map(([name, content]) => [name, [...content]]),
        )
      }),
    )
  })
})
