import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { after, afterEach, before, beforeEach, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '@tetragon-ts/service/listen/testing'
import { TestHttp } from '../../testing/test-http.ts'
import { range, TestOutput } from '../../testing/test-outputs.ts'
import { until } from '../../testing/until.ts'
import { filesIn, numbersIn } from '../parquet/testing/parquet-rows.ts'
import { Moto, motoMissing } from './testing/moto.ts'

const skip = await motoMissing()
if (skip) console.error(`an output to a server with the API of S3 is not tested: ${skip}`)

describe('an output to a bucket', { skip }, () => {
  let root: string
  let folder: string
  let credentials: string
  let server: Moto
  let output: TestOutput | undefined
  before(async () => {
    server = await Moto.start(await freePort(), 'events')
  })
  after(() => server?.stop())
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 's3-'))
    folder = join(root, 'waiting')
    credentials = join(root, 'credentials')
    writeFileSync(credentials, `[other]\naws_access_key_id = no\n${server.credentials}`)
  })
  afterEach(async () => {
    await output?.finish(0)
    output = undefined
    rmSync(root, { recursive: true })
  })

  /** @param prefix of the objects; each test has its own */
  const open = async (prefix: string, more = '', endpoint = server.url): Promise<TestOutput> => {
    const files = `folder=${folder}&credentials-file=${credentials}&batch-wait=0s&file-age=1s`
    output = await TestOutput.open(`s3://events/${prefix}?endpoint=${endpoint}&${files}${more}`)
    return output
  }

  /** Numbers of the execs in the objects with a prefix. */
  async function uploaded(prefix: string): Promise<number[]> {
    const copies = join(root, 'copies')
    mkdirSync(copies, { recursive: true })
    for (const key of await server.keysIn('events')) {
      if (key.startsWith(`${prefix}/`)) {
        writeFileSync(join(copies, basename(key)), await server.read('events', key))
      }
    }
    return numbersIn(copies)
  }

  /** Waits until all complete files have left the folder. */
  const moved = () => until(() => filesIn(folder).length === 0)

  it('has all events, in partitions by date and hour, and then no file here', async () => {
    const { status } = await open('a/b c')
    assert.equal(status.failure, undefined)
    output?.addExecs(1, 300)
    await until(() => output?.status.sent === 300)
    await output?.finish()
    await moved()
    assert.deepEqual(await uploaded('a/b c'), range(1, 300))
    const [key = ''] = (await server.keysIn('events')).filter((each) => each.startsWith('a/b c/'))
    assert.match(key, /^a\/b c\/date=\d{4}-\d\d-\d\d\/hour=\d\d\/[^/]+\.parquet$/)
    assert.deepEqual(readdirSync(folder), ['.unfinished'])
  })

  it('gets a file when it is old enough', async () => {
    await open('age')
    output?.addExecs(1, 3)
    await until(() => output?.status.sent === 3)
    while ((await server.keysIn('events')).every((key) => !key.startsWith('age/'))) await moved()
    assert.deepEqual(await uploaded('age'), range(1, 3))
  })

  it('gets what an agent has left, once', async () => {
    await open('left', '', `http://127.0.0.1:${await freePort()}`)
    output?.addExecs(1, 10)
    await until(() => output?.status.sent === 10)
    await output?.finish(2000)
    assert.equal(filesIn(folder).length, 1)
    await open('left')
    await moved()
    output?.addExecs(11, 20)
    await output?.finish()
    await moved()
    assert.deepEqual(await uploaded('left'), range(1, 20))
  })

  it('holds events back while the server refuses files, and loses none', async () => {
    writeFileSync(credentials, server.credentials.replace(/(secret.* = ).*/, '$1wrong'))
    await open('refused')
    output?.addExecs(1, 5)
    await until(() => output?.status.sent === 5)
    while (output?.status.failure === undefined) {
      output?.addExecs(6, 6)
      await sleep(20)
    }
    assert.match(String(output.status.failure), /403.*SignatureDoesNotMatch/)
    assert.doesNotMatch(String(output.status.failure), /wrong/)
    const { sent } = output.status
    output.addExecs(7, 50)
    writeFileSync(credentials, server.credentials)
    await until(() => (output?.status.sent ?? 0) >= sent + 44)
    await output.finish()
    await moved()
    assert.deepEqual([...new Set(await uploaded('refused'))], range(1, 50))
  })

  it('tries again after no answer, an error and a broken connection', async () => {
    const http = new TestHttp()
    await http.listen()
    try {
      http.reactions = [
        (response) => void response.writeHead(503, { 'Retry-After': '0' }).end('<Code>SlowDown'),
        (response) => void response.destroy(),
        () => {},
        (response) => void response.writeHead(200).end(),
      ]
      await open('faults', '&timeout=500ms', `http://127.0.0.1:${http.port}`)
      output?.addExecs(1, 1)
      for (let number = 2; http.requests.length < 4; number++) {
        output?.addExecs(number, number)
        await sleep(20)
      }
      await moved()
      const [first, ...others] = http.requests.slice(0, 4)
      for (const { path, body } of others) {
        assert.equal(path, first.path)
        assert.deepEqual(body, first.body)
      }
    } finally {
      await http.die()
    }
  })

  it('needs credentials that it can read', async () => {
    writeFileSync(credentials, '[other]\naws_access_key_id = a\naws_secret_access_key = b\n')
    await assert.rejects(open('none'), /has no aws_access_key_id and aws_secret_access_key in \[/)
    rmSync(credentials)
    await assert.rejects(open('none'), /read file: ENOENT/)
  })
})
