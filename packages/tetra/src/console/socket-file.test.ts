import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, describe, it } from 'node:test'
import { listenAt } from '@tetragon-ts/service/listen'
import { placeSocket } from './socket-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'tetra-socket-'))
after(() => rmSync(folder, { recursive: true }))

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

async function listen(path: string): Promise<void> {
  const server = createServer()
  servers.push(server)
  await listenAt(server, { kind: 'unix', path }, placeSocket)
}

describe('the socket of a console', () => {
  it('can be opened by its user only', async () => {
    const path = join(folder, 'own')
    const mask = process.umask(0)
    try {
      await listen(path)
      assert.equal(process.umask(0), 0)
    } finally {
      process.umask(mask)
    }
    assert.equal(statSync(path).mode & 0o777, 0o600)
  })

  it('replaces that of a process that has ended', async () => {
    const path = join(folder, 'stale')
    const program = 'require("net").createServer().listen(process.argv[1], () => process.abort())'
    spawnSync(process.execPath, ['-e', program, path], { cwd: folder })
    assert.ok(statSync(path).isSocket())
    await listen(path)
  })

  it('replaces neither that of a running process, nor another file', async () => {
    const [path, file] = [join(folder, 'used'), join(folder, 'file')]
    await listen(path)
    await assert.rejects(listen(path), /listen at: another process listens on/)
    writeFileSync(file, 'content')
    await assert.rejects(listen(file), /listen at: .* is not a socket/)
    assert.equal(readFileSync(file, 'utf8'), 'content')
  })
})
