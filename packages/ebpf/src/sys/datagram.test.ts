import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { sendDatagram } from './datagram.ts'

/** Prints a line when it is bound, and then the datagram that it received. */
const receiver = `
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1].replace('@', chr(0), 1) if sys.argv[1][0] == '@' else sys.argv[1])
print('bound', flush=True)
print(s.recv(100).decode().replace(chr(10), '|'))
`

test('a datagram reaches a socket by its path or abstract name', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'datagram-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'notify')
  for (const address of [path, `@tetragon-${process.pid}`]) {
    const child = spawn('python3', ['-c', receiver, address])
    const lines = createInterface(child.stdout)
    assert.deepEqual(await once(lines, 'line'), ['bound'])
    sendDatagram(address, 'READY=1\nSTATUS=läuft')
    assert.deepEqual(await once(lines, 'line'), ['READY=1|STATUS=läuft'])
  }
  assert.throws(() => sendDatagram(path, 'x'), { errno: 'ECONNREFUSED' })
  assert.throws(() => sendDatagram(join(folder, 'other'), 'x'), { errno: 'ENOENT' })
})
