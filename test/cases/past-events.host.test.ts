import assert from 'node:assert/strict'
import { execFile, spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { promisify } from 'node:util'
import { RunningAgent, until } from '@tetragon-ts/agent/testing'
import { TestClient } from '@tetragon-ts/agent/testing/client'
import type { GetEventsResponse } from '@tetragon-ts/api'
import { repositoryRoot } from '../vm/repository.ts'

// Events that an agent serves of the past: its export file is rotated every megabyte. One agent is
// started, and some hundred processes.

const tetra = join(repositoryRoot, 'packages/tetra/bin/tetra.js')
const run = promisify(execFile)
const filling = 'x'.repeat(3000)
const isMarker = { binary_regex: ['/true$'], arguments_regex: [`^past-.* ${filling}$`] }
const request = { allow_list: [{ ...isMarker, event_set: ['PROCESS_EXEC'] }] }

/** Executes a program that events identify. */
function mark(n: number): void {
  assert.equal(spawnSync('/bin/true', [`past-${n}`, filling]).status, 0)
}

/** The numbers in events. */
function marks(events: readonly GetEventsResponse[]): number[] {
  return events.flatMap(({ process_exec: exec }) => {
    const [, n] = /^past-(\d+) /.exec(exec?.process?.arguments ?? '') ?? []
    return n === undefined ? [] : Number(n)
  })
}

const to = (from: number, end: number) => Array.from({ length: end - from }, (_, i) => from + i)

describe('events of the past', () => {
  let agent: RunningAgent
  let client: TestClient
  let address: string
  const since = new Date().toISOString()
  before(async () => {
    const rotation = ['--export-file-max-size-mb', '1', '--export-file-max-backups', '1000']
    agent = await RunningAgent.start(...rotation, '--export-file-compress')
    address = await agent.serving()
    client = new TestClient(address.replace('unix://', 'unix:'))
  })
  after(async () => {
    client?.close()
    await agent?.remove()
  })

  it('precede live ones without gap and repetition, across rotated files', async () => {
    for (const n of to(0, 400)) mark(n)
    await until('a rotated file', () => readdirSync(agent.folder).length > 1)
    const collector = await client.events({ ...request, since })
    // While the past is read.
    for (const n of to(400, 500)) mark(n)
    await until('the last event', () => marks(collector.events).includes(499))
    assert.deepEqual(marks(collector.events), to(0, 500))
    const [{ kept_since }] = collector.events
    assert.ok(kept_since !== undefined)
    collector.stream.cancel()
  })

  it('are printed by tetra, which ends with --follow=false', async () => {
    mark(500)
    const options = ['-e', 'PROCESS_EXEC', '--process', '/true$', '-o', 'compact', '--follow=false']
    const argv = [tetra, 'getevents', '--server-address', address, '--since', since, ...options]
    // Standard input is an empty pipe here.
    const child = run(process.execPath, argv, { maxBuffer: 2 ** 26 })
    child.child.stdin?.end()
    const { stdout, stderr } = await child
    const found = [...stdout.matchAll(/past-(\d+)/g)].map(([, n]) => Number(n))
    assert.deepEqual(found, to(0, 501))
    assert.match(stderr, /the agent keeps events since \d{4}-/)
  })

  it('older than the files are missing: the first message has the time of the oldest', async () => {
    const collector = await client.events({ since: '2020-01-01T00:00:00Z', past_only: true })
    assert.equal(await collector.ended, undefined)
    const [{ kept_since = '' }] = collector.events
    assert.ok(Date.parse(kept_since) >= Date.parse(since) - 60_000)
  })

  it('need a valid time', async () => {
    for (const wrong of [{ past_only: true }, { since: 'x' }]) {
      await assert.rejects(client.events(wrong), /INVALID_ARGUMENT|parse|time/)
    }
  })
})
