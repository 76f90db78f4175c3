import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  closeSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { openOwnFile, openOwnFileToRead, readOwnFile } from './own-file.ts'

const skip = process.getuid?.() !== 0 && 'needs root'
const stranger = 65534

describe('files of the agent', () => {
  let folder: string
  let path: string
  let victim: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tetragon-files-'))
    path = join(folder, 'file')
    victim = join(folder, 'victim')
    writeFileSync(victim, 'precious\n')
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  /** All functions that open it; none may block or change anything. */
  const refused = (message: RegExp): void => {
    for (const open of [() => openOwnFile(path, 0o600), () => openOwnFileToRead(path)]) {
      assert.throws(open, { code: 'AGENT_FILE', message })
    }
    assert.throws(() => readOwnFile(path), { code: 'AGENT_FILE', message })
    assert.equal(readFileSync(victim, 'utf8'), 'precious\n')
  }

  it('are created if they are missing, and appended to', () => {
    for (const isNew of [true, false]) {
      const file = openOwnFile(path, 0o640)
      assert.equal(file.isNew, isNew)
      writeSync(file.fd, 'a\n')
      closeSync(file.fd)
    }
    assert.equal(readOwnFile(path), 'a\na\n')
    assert.equal(statSync(path).mode & 0o777, 0o640)
  })

  it('that are missing are not created for reading', () => {
    assert.equal(openOwnFileToRead(path), undefined)
    assert.throws(() => readOwnFile(path), { code: 'AGENT_FILE' })
  })

  it('are not symbolic links, whatever their target', () => {
    for (const target of [victim, join(folder, 'new'), '/etc/passwd', '/dev/null']) {
      symlinkSync(target, path)
      refused(/symbolic link; specify its target/)
      rmSync(path)
    }
  })

  it('are not FIFOs, folders or devices', () => {
    assert.equal(spawnSync('mkfifo', [path]).status, 0)
    refused(/not a regular file/)
    rmSync(path)
    mkdirSync(path)
    refused(/not a regular file/)
    path = '/dev/null'
    refused(/not a regular file/)
  })

  it('have a single name', () => {
    linkSync(victim, path)
    refused(/has 2 names \(hard links\)/)
  })

  it('belong to root or to this user', { skip }, () => {
    writeFileSync(path, '')
    chownSync(path, stranger, stranger)
    refused(/belongs to user 65534, not to root/)
  })

  it('are not world-writable, unless configured', () => {
    writeFileSync(path, '')
    chmodSync(path, 0o606)
    refused(/everyone may write to the file; .*chmod o-w /)
    closeSync(openOwnFile(path, 0o666).fd)
  })

  it('are in folders that others cannot replace', () => {
    chmodSync(folder, 0o777)
    refused(/everyone may replace files in /)
  })
})
