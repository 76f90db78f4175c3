import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { numbersIn } from './kinds/parquet/testing/parquet-rows.ts'
import { Outputs } from './outputs.ts'
import { eventClass, sumOf } from './queue/event-class.ts'
import { execLine } from './testing/lines.ts'
import { TestHttp } from './testing/test-http.ts'
import { range } from './testing/test-outputs.ts'
import { until } from './testing/until.ts'

const host = {
  ...{ nodeName: 'n', version: '1', spoolFolder: undefined },
  report: () => Buffer.from('{}'),
  warn: (message: string) => assert.fail(message),
}

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

  it('change: one goes on, one ends, one starts in the same place', async () => {
    const http = `http=http://127.0.0.1:${server.port}?batch-wait=0s`
    const [file, changed] = ['1h', '10m'].map((age) => {
      return `file=parquet://${folder}/events?batch-wait=0s&file-age=${age}`
    })
    const outputs = await Outputs.open([http, file], host)
    const add = (from: number, to: number): void => {
      for (const n of range(from, to)) outputs.add(eventClass.process, execLine(n), Date.now())
    }
    add(1, 50)
    await until(() => outputs.statuses.every(({ sent }) => sent === 50))
    for (const wrong of ['new=parquet://a/b', `new=http://127.0.0.1:1?token-file=/nowhere`]) {
      await assert.rejects(outputs.change([wrong], host, 1000))
      assert.deepEqual(
        outputs.statuses.map(({ name }) => name),
        ['http', 'file'],
      )
    }
    add(51, 100)
    const ended = await outputs.change([changed, http], host, 10_000)
    assert.deepEqual(
      ended.map(({ name, sent, lost }) => [name, sent, sumOf(lost)]),
      [['file', 100, 0]],
    )
    add(101, 200)
    await until(() => outputs.statuses[1].sent === 200)
    await outputs.finish(10_000)
    assert.deepEqual(
      outputs.statuses.map(({ name, sent }) => [name, sent]),
      [
        ['file', 100],
        ['http', 200],
      ],
    )
    assert.deepEqual(await numbersIn(join(folder, 'events')), range(1, 200))
  })

  it('with a spool: what waits is there after a change', async () => {
    const spooled = { ...host, spoolFolder: folder, warn: () => {} }
    mkdirSync(join(folder, 'lake'))
    const outputs = await Outputs.open(['lake=http://127.0.0.1:1?spool=16M'], spooled)
    for (const n of range(1, 100)) outputs.add(eventClass.process, execLine(n), Date.now())
    const next = `lake=http://127.0.0.1:${server.port}?spool=16M&batch-wait=0s`
    const [{ lost }] = await outputs.change([next], spooled, 10_000)
    assert.equal(sumOf(lost), 0)
    await until(() => outputs.statuses[0].sent === 100)
    await outputs.finish(10_000)
  })

  it('do not share a folder that one of them empties', async () => {
    const lake = `lake=s3://events?credentials-file=/x&folder=${folder}/events/`
    const file = `file=parquet://${folder}/events`
    await assert.rejects(
      Outputs.open([file, lake], host),
      /give outputs lake and file different folders/,
    )
    await assert.rejects(Outputs.open([lake, lake.replace('lake', 'other')], host), /different/)
  })

  it('share the thread: one sends while the other still encodes', async () => {
    const file = `file=parquet://${folder}/events?batch-wait=0s&batch-size=16K`
    const http = `http=http://127.0.0.1:${server.port}?batch-wait=0s`
    const outputs = await Outputs.open([file, http], host)
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
