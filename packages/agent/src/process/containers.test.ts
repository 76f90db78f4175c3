import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, it } from 'node:test'
import { Containers } from './containers.ts'

const id = '0123456789abcdef'.repeat(4)
const shown = id.slice(0, 31)

let procfs: string
before(() => {
  procfs = mkdtempSync(join(tmpdir(), 'containers-'))
})
after(() => rmSync(procfs, { recursive: true, force: true }))

function addProcess(pid: number, groups: string): void {
  mkdirSync(join(procfs, String(pid)))
  writeFileSync(join(procfs, String(pid), 'cgroup'), groups)
}

it('takes the name that the kernel says, and remembers it', () => {
  const containers = new Containers(procfs)
  assert.equal(containers.known(10), undefined)
  assert.equal(containers.lookup(10, `docker-${id}.scope`, 1), shown)
  assert.equal(containers.known(10), shown)
})

it('asks for the groups above when the name tells nothing', () => {
  const containers = new Containers(procfs)
  addProcess(100, `4:memory:/docker/${id}/init.scope\n0::/\n`)
  addProcess(101, '0::/user.slice\n')
  assert.equal(containers.lookup(11, 'init.scope', 100), shown)
  assert.equal(containers.lookup(12, undefined, 101), '')
  assert.equal(containers.known(12), '')
})

it('asks a later process when the first one is gone', () => {
  const containers = new Containers(procfs)
  assert.equal(containers.lookup(13, 'init.scope', 200), '')
  assert.equal(containers.known(13), undefined)
  addProcess(201, `0::/docker/${id}/init.scope\n`)
  assert.equal(containers.lookup(13, 'init.scope', 201), shown)
})

it('remembers a limited number of groups', () => {
  const containers = new Containers(procfs)
  for (let group = 0; group < 5000; group++) containers.lookup(group, id, 1)
  assert.equal(containers.known(0), undefined)
  assert.equal(containers.known(4999), shown)
})

it('does not ask for each of many processes that are gone', () => {
  const containers = new Containers(procfs)
  for (let pid = 300; pid < 310; pid++) containers.lookup(14, 'init.scope', pid)
  // Ten were asked or skipped: the next turn is the 17th, so this one is skipped although it lives.
  addProcess(310, `0::/docker/${id}/init.scope\n`)
  assert.equal(containers.lookup(14, 'init.scope', 310), '')
  for (let pid = 311; pid < 316; pid++) containers.lookup(14, 'init.scope', pid)
  assert.equal(containers.lookup(14, 'init.scope', 310), shown)
})
