import assert from 'node:assert/strict'
import { lchownSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { followLinks } from './follow-links.ts'

describe('links in the root of a host', () => {
  let root: string
  before(() => {
    root = mkdtempSync(join(tmpdir(), 'tetragon-links-'))
    mkdirSync(join(root, 'usr/bin'), { recursive: true })
    mkdirSync(join(root, 'etc/alternatives'), { recursive: true })
    mkdirSync(join(root, 'home/user'), { recursive: true })
    writeFileSync(join(root, 'usr/bin/vim.basic'), '')
    const links: Record<string, string> = {
      bin: 'usr/bin',
      'usr/bin/vi': '/etc/alternatives/vi',
      'etc/alternatives/vi': '../../usr/./bin//vim.basic',
      'usr/bin/out': '../../../../../usr/bin/vim.basic',
      'usr/bin/loop': 'loop',
      'usr/bin/gone': 'never/there',
      'usr/bin/below-file': 'vim.basic/x',
      'usr/bin/folder': '/etc',
      'usr/bin/of-user': 'vim.basic',
      'home/user/vi': '/usr/bin/vi',
      'usr/bin/to-user': '/home/user/vi',
    }
    for (const [path, target] of Object.entries(links)) symlinkSync(target, join(root, path))
    lchownSync(join(root, 'usr/bin/of-user'), 1000, 1000)
    lchownSync(join(root, 'home/user'), 1000, 1000)
  })
  after(() => rmSync(root, { recursive: true, force: true }))

  it('are followed in every part of the path, and never out of the root', () => {
    const target = '/usr/bin/vim.basic'
    for (const path of ['/usr/bin/vi', '/bin/vi', target, '/bin/vim.basic', '/usr/bin/out']) {
      assert.deepEqual(followLinks(root, path), { target }, path)
    }
  })

  it('have a reason if they lead nowhere, or to what cannot be executed', () => {
    const problems = {
      '/usr/bin/loop': 'it has more than 40 links',
      '/usr/bin/gone': '/usr/bin/never does not exist',
      '/usr/bin/below-file': '/usr/bin/vim.basic/x does not exist',
      '/usr/bin/folder': '/etc is not a file',
    }
    for (const [path, problem] of Object.entries(problems)) {
      assert.deepEqual(followLinks(root, path), { problem }, path)
    }
    const { problem = '' } = followLinks(root, `/${'x'.repeat(300)}`) as { problem?: string }
    assert.match(problem, / cannot be read: ENAMETOOLONG/)
  })

  it('are not followed if another user can change them', () => {
    const problems = {
      '/usr/bin/of-user': "/usr/bin/of-user is not root's",
      '/home/user/vi': "/home/user is not root's",
      '/usr/bin/to-user': "/home/user is not root's",
    }
    for (const [path, problem] of Object.entries(problems)) {
      assert.deepEqual(followLinks(root, path), { problem }, path)
    }
  })
})
