import assert from 'node:assert/strict'
import {
  chmodSync,
  chownSync,
  existsSync,
  lchownSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { checkOwnFolder, makeOwnFolder } from './own-folder.ts'

const stranger = 65534
const skip = process.getuid?.() !== 0 && 'needs root'

describe('folders', () => {
  let root: string
  before(() => {
    root = mkdtempSync(join(tmpdir(), 'tetragon-folders-'))
  })
  after(() => rmSync(root, { recursive: true, force: true }))
  const folder = (name: string, mode = 0o755, uid = process.getuid?.() ?? 0): string => {
    const path = join(root, name)
    mkdirSync(path)
    chmodSync(path, mode)
    chownSync(path, uid, uid)
    return path
  }
  const refused = (path: string, message: RegExp): void => {
    assert.throws(() => checkOwnFolder(path), { code: 'AGENT_FILE', message })
    assert.throws(() => makeOwnFolder(join(path, 'new')), { code: 'AGENT_FILE', message })
    assert.ok(!existsSync(join(path, 'new')))
  }

  it('are created with their parents, and may exist', () => {
    const path = join(root, 'a/b/c')
    makeOwnFolder(path, 0o700)
    makeOwnFolder(path, 0o700)
    assert.equal(statSync(path).mode & 0o777, 0o700)
  })

  it('that cannot be created are an error', () => {
    writeFileSync(join(root, 'file'), '')
    assert.throws(() => makeOwnFolder('/proc/no/such/folder'), { code: 'ENOENT' })
    assert.throws(() => makeOwnFolder(join(root, 'file/x')), { message: /file is not a folder/ })
    assert.throws(() => checkOwnFolder(join(root, 'missing')), { code: 'ENOENT' })
  })

  it('that everyone may write to are refused unless they are sticky', () => {
    refused(folder('open', 0o777), /^everyone may replace files in .*chmod o-w /)
    const inside = join(root, 'open', 'inside')
    mkdirSync(inside)
    refused(inside, /^everyone may replace files in .*\/open;/)
    checkOwnFolder(folder('sticky', 0o1777))
  })

  it('that their group may write to are not', () => checkOwnFolder(folder('group', 0o775)))

  it('of another user are refused, and those in them', { skip }, () => {
    const foreign = folder('foreign', 0o755, stranger)
    refused(foreign, /foreign belongs to user 65534, /)
    const inside = join(foreign, 'inside')
    mkdirSync(inside)
    refused(inside, /foreign belongs to user 65534, /)
  })

  it('are reached through links of root or of this user only', { skip }, () => {
    const target = folder('target')
    const [own, planted, loop] = ['own', 'planted', 'loop'].map((name) => join(root, name))
    symlinkSync(target, own)
    checkOwnFolder(own)
    symlinkSync(target, planted)
    lchownSync(planted, stranger, stranger)
    refused(planted, /the symbolic link .*planted belongs to user 65534/)
    symlinkSync('loop', loop)
    assert.throws(() => checkOwnFolder(loop), /more than 40 symbolic links/)
    const relative = join(root, 'relative')
    symlinkSync('foreign/../target', relative)
    refused(relative, /foreign belongs to user 65534, /)
  })
})
