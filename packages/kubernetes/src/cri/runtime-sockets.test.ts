import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { runtimeAddress, runtimeSockets } from './runtime-sockets.ts'

describe('the socket of the container runtime', () => {
  let root: string
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'runtime-sockets-'))
  })
  afterEach(() => rmSync(root, { recursive: true }))

  function create(host: string, socket: string): string {
    const path = join(root, host, socket)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, '')
    return `unix://${path}`
  }
  const find = () => runtimeAddress('', [join(root, 'host'), join(root, 'own')])

  it('is the given one', () => {
    assert.equal(runtimeAddress('/x.sock'), 'unix:///x.sock')
    assert.equal(runtimeAddress('unix:///x.sock'), 'unix:///x.sock')
    assert.equal(runtimeAddress('', [join(root, 'host')]), undefined)
  })

  for (const socket of runtimeSockets) {
    it(`is found at ${socket}`, () => assert.equal(create('host', socket), find()))
  }

  it('is that of the first root, and of the first distribution', () => {
    create('own', runtimeSockets[0])
    const last = create('host', runtimeSockets[3])
    assert.equal(find(), last)
    const first = create('host', runtimeSockets[2])
    assert.equal(find(), first)
  })
})
