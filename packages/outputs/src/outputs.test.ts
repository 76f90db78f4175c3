import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { Outputs } from './outputs.ts'
import { eventClass, sumOf } from './queue/event-class.ts'
import { execLine } from './testing/lines.ts'
import { TestHttp } from './testing/test-http.ts'
import { until } from './testing/until.ts'

describe('two outputs', () => {
  let folder: string
  const server = new TestHttp()
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'outputs-'))
    await server.listen()
  })
  afterEach(async () => {
    await server.die()
    rmSync(folder, { recursive: true })
  })

  it('share the thread: one sends while the other still encodes', async () => {
    const file = `file=parquet://${folder}/events?batch-wait=0s&batch-size=16K`
    const http = `http=http://127.0.0.1:${server.port}?batch-wait=0s`
    const outputs = await Outputs.open([file, http], {
      ...{ nodeName: 'n', version: '1', spoolFolder: undefined },
      report: () => Buffer.from('{}'),
      warn: (message) => assert.fail(message),
    })
    const count = 2000
    for (let number = 1; number <= count; number++) {
      outputs.add(eventClass.process, execLine(number), Date.now())
    }
    await until(() => outputs.statuses[1].sent !== 0)
    assert.ok(outputs.statuses[0].sent < count)
    await outputs.finish(30_000)
    for (const { sent, retried, lost } of outputs.statuses) {
      assert.deepEqual([sent, retried, sumOf(lost)], [count, 0, 0])
    }
  })
})
