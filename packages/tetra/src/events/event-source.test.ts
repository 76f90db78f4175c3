import assert from 'node:assert/strict'
import { once } from 'node:events'
import { PassThrough } from 'node:stream'
import { describe, it } from 'node:test'
import type { Streams } from '../command.ts'
import { eventSource } from './event-source.ts'

const address = 'localhost:54321'

function streams(stdinKind?: Streams['stdinKind']) {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()]
  return { stdin, stdout, stderr, stdinKind }
}

describe('events come from', () => {
  it('the agent if standard input is a terminal, /dev/null or closed', async () => {
    assert.equal(await eventSource('', streams('device')), 'agent')
    assert.equal(await eventSource(address, streams('device')), 'agent')
  })

  it('a file, even an empty one, whatever the address', async () => {
    assert.equal(await eventSource('', streams('file')), 'input')
    assert.equal(await eventSource(address, streams('file')), 'input')
  })

  it('a pipe with data, which stays in it', async () => {
    for (const given of ['', address]) {
      const { stdin, ...rest } = streams()
      stdin.write('{}')
      assert.equal(await eventSource(given, { stdin, ...rest }), 'input')
      assert.equal(String(stdin.read()), '{}')
    }
  })

  it('the agent if a pipe is empty and there is an address', async () => {
    for (const given of ['', address]) {
      const all = streams()
      const source = eventSource(given, all)
      all.stdin.end()
      assert.equal(await source, given === '' ? 'input' : 'agent')
      const ended = streams()
      ended.stdin.end()
      assert.equal(await eventSource(given, ended), given === '' ? 'input' : 'agent')
    }
  })

  it('a silent pipe, with a hint on standard error', async () => {
    const all = streams()
    const source = eventSource(address, all, 0)
    await once(all.stderr, 'readable')
    assert.match(String(all.stderr.read()), /^tetra: waiting for events on standard input.*\n$/)
    all.stdin.write('{}')
    assert.equal(await source, 'input')
  })
})
