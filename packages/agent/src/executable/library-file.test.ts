import assert from 'node:assert/strict'
import {
  chmodSync,
  constants,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { createLibraryFile } from './library-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'library-file-'))
// Every user can add, rename and delete files.
chmodSync(folder, 0o777)
after(() => rmSync(folder, { recursive: true }))

const bytes = Buffer.from('\x7fELF and more')
const descriptorOf = (path: string) => Number(path.slice(path.lastIndexOf('/') + 1))

describe('the file of a library', () => {
  it('has the bytes under the path of its descriptor, and no name for others', () => {
    using file = createLibraryFile(folder, bytes)
    assert.match(file.path, /^\/proc\/self\/fd\/\d+$/)
    assert.deepEqual(readFileSync(file.path), bytes)
    assert.deepEqual(readdirSync(folder), [])
  })

  it('cannot be written by its descriptor', () => {
    using file = createLibraryFile(folder, bytes)
    const info = readFileSync(`/proc/self/fdinfo/${descriptorOf(file.path)}`, 'utf8')
    const flags = Number.parseInt(/^flags:\s+(\d+)$/m.exec(info)?.[1] ?? '7', 8)
    assert.equal(flags & (constants.O_WRONLY | constants.O_RDWR), constants.O_RDONLY)
  })

  it('is closed unless it is kept', () => {
    const closed = createLibraryFile(folder, bytes)
    closed[Symbol.dispose]()
    assert.throws(() => readFileSync(closed.path), { code: 'ENOENT' })
    const kept = createLibraryFile(folder, bytes)
    kept.keep()
    kept[Symbol.dispose]()
    assert.deepEqual(readFileSync(kept.path), bytes)
  })

  it('is created under a new random name where files need one, and loses it while empty', () => {
    const opened: (readonly [path: string, flags: number])[] = []
    const needsName: typeof openSync = (path, flags, mode) => {
      if (path === folder) throw Object.assign(new Error('no'), { code: 'EOPNOTSUPP' })
      if (!String(path).startsWith('/proc')) opened.push([String(path), Number(flags)])
      return openSync(path, flags, mode)
    }
    for (let i = 0; i < 2; i++) {
      using file = createLibraryFile(folder, bytes, needsName)
      assert.deepEqual(readFileSync(file.path), bytes)
    }
    const [first, second] = opened
    assert.notEqual(first[0], second[0])
    // A file that is there, or a link to one, is never opened.
    const exclusive = constants.O_CREAT | constants.O_EXCL
    for (const [, flags] of opened) assert.equal(flags & exclusive, exclusive)
    assert.deepEqual(readdirSync(folder), [])
  })

  it('is refused if it does not have the bytes, or is not that of this process', () => {
    const other = join(folder, 'planted')
    const planted: typeof openSync = (path, flags, mode) => {
      return openSync(path === folder ? other : path, path === folder ? 'w+' : flags, mode)
    }
    assert.throws(() => createLibraryFile(folder, bytes, planted), /others can access the file/)
    rmSync(other)
  })
})
