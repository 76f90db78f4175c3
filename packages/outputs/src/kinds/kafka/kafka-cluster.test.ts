import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, before, describe, it } from 'node:test'
import { sumOf } from '../../queue/event-class.ts'
import { alertLine } from '../../testing/lines.ts'
import { numbersOf, range, TestOutput } from '../../testing/test-outputs.ts'
import { until } from '../../testing/until.ts'
import { compressions } from './records/record-batch.ts'
import { type ConsumedRecord, KafkaCluster, missingKafka } from './testing/kafka-cluster.ts'

// The brokers of librdkafka, and kcat as the consumer, both of Debian.

if (missingKafka) console.error(`an output to Kafka is not tested: ${missingKafka}`)

/** Numbers of APIs. */
const produce = 0
const metadata = 3
const initProducerId = 22

describe('an output to the brokers of librdkafka', { skip: missingKafka }, () => {
  let cluster: KafkaCluster
  let output: TestOutput
  let folder: string
  let topic = ''
  let number = 0

  before(async () => {
    cluster = await KafkaCluster.start(3)
    folder = mkdtempSync(join(tmpdir(), 'kafka-'))
  })
  afterEach(() => output?.finish(0))
  after(async () => {
    await cluster.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  /** Opens an output to a new topic. */
  const open = async (parameters = '', partitions = 1): Promise<void> => {
    topic = `events-${++number}`
    await cluster.call('topic_create', topic, partitions, 3)
    output = await reopen(parameters)
  }
  const reopen = (parameters = '') => {
    const [first, ...others] = cluster.brokers
    const more = others.map((broker) => `&broker=${broker}`).join('')
    const common = `topic=${topic}${more}&batch-wait=0s`
    return TestOutput.open(`kafka://${first}?${common}&${parameters}`, folder)
  }
  const consumed = async () =>
    numbersOf((await cluster.consume(topic)).map(({ payload }) => payload))
  const sent = async (count: number): Promise<void> => {
    await until(() => output.status.sent >= count)
  }

  const settings = ['', 'compression=gzip', 'acks=leader', 'allow-duplicates=true']
  // In newer releases of Node.js.
  if (compressions.zstd.compress !== undefined) settings.push('compression=zstd')
  else {
    it('says which Node.js zstd needs', async () => {
      await assert.rejects(TestOutput.open('kafka://localhost?compression=zstd'), /Node\.js 22\.15/)
    })
  }
  for (const parameters of settings) {
    it(`sends in order and once, with ${parameters || 'the defaults'}`, async () => {
      await open(parameters)
      output.addExecs(1, 5000)
      await output.finish()
      assert.deepEqual([output.status.sent, output.warnings], [5000, []])
      const records = await cluster.consume(topic)
      assert.deepEqual(numbersOf(records.map(({ payload }) => payload)), range(1, 5000))
      assert.equal(records[0].key, 'node-1')
      assert.equal(records[0].ts, Date.parse('2026-01-02T03:04:05.123Z'))
    })
  }

  it('keeps the events of a key in one partition, in order', async () => {
    await open('key=pod&batch-events=100', 8)
    const pods = ['a', 'b', 'c', 'd', 'e']
    for (const index of range(1, 1000)) {
      const pod = { namespace: 'shop', name: pods[index % pods.length] }
      const process = { exec_id: 'x', pid: 1, arguments: String(index), pod }
      output.add(Buffer.from(JSON.stringify({ process_exec: { process }, node_name: 'n' })))
    }
    await output.finish()
    const records = await cluster.consume(topic)
    for (const name of pods) {
      const ofPod = records.filter(({ key }) => key === `shop/${name}`)
      assert.equal(new Set(ofPod.map(({ partition }) => partition)).size, 1)
      const numbers = numbersOf(ofPod.map(({ payload }) => payload))
      assert.deepEqual(
        numbers,
        range(1, 1000).filter((n) => pods[n % pods.length] === name),
      )
    }
    assert.equal(records.length, 1000)
  })

  it('uses all partitions without a key', async () => {
    await open('key=none&batch-events=50', 4)
    output.addExecs(1, 400)
    await output.finish()
    const records = await cluster.consume(topic)
    assert.deepEqual(new Set(records.map(({ partition }) => partition)), new Set(range(0, 3)))
    assert.equal(records[0].key, null)
    assert.equal(records.length, 400)
  })

  const faults: Readonly<Record<string, readonly [api: number, ...errors: readonly number[]]>> = {
    'has too few replicas': [produce, 19, 20],
    'answers too late': [produce, 7],
    'has a failure of its disk': [produce, 56, 56],
    'does not know the error itself': [produce, -1],
    'does not permit to write': [produce, 29],
    'cannot name a producer': [initProducerId, 31],
    'has lost the leader of the partition': [produce, 6, 5, 5],
  }
  for (const [name, [api, ...errors]] of Object.entries(faults)) {
    it(`sends again, and reports it, if the broker ${name}`, async () => {
      await open()
      await cluster.call('push_request_errors_array', api, ...errors)
      output.addExecs(1, 100)
      await sent(100)
      assert.match(output.warnings[0], /^output out failed: Kafka: [A-Z_]+/)
      assert.match(output.warnings[1], /works again$/)
      assert.deepEqual(await consumed(), range(1, 100))
    })
  }

  const quiet: Readonly<Record<string, readonly number[]>> = {
    'the leader of the partition is another one': [6],
    'the sequence of the producer is lost': [45],
    'the producer is forgotten': [59],
    'the batch is too large': [10, 10, 10],
    'a record of the batch is not accepted, but each alone is': [87],
  }
  for (const [name, errors] of Object.entries(quiet)) {
    it(`continues without a warning if ${name}`, async () => {
      await open()
      output.addExecs(1, 50)
      await sent(50)
      await cluster.call('push_request_errors_array', produce, ...errors)
      output.addExecs(51, 150)
      await sent(150)
      assert.deepEqual(output.warnings, [])
      assert.deepEqual(await consumed(), range(1, 150))
    })
  }

  it('takes a batch that the broker has already as accepted', async () => {
    await open()
    await cluster.call('push_request_errors_array', produce, 46)
    output.addExecs(1, 10)
    await sent(10)
    assert.deepEqual([output.status.retried, output.warnings], [0, []])
  })

  it('refuses a record that is too large alone, and sends the others', async () => {
    await open('batch-events=1')
    await cluster.call('push_request_errors_array', produce, 10)
    output.add(alertLine('high', 'x'.repeat(5000)))
    output.addExecs(1, 3)
    await sent(3)
    assert.deepEqual([output.status.refused, sumOf(output.status.lost)], [1, 0])
    assert.match(output.status.refusal ?? '', /MESSAGE_TOO_LARGE/)
    assert.deepEqual(await consumed(), [1, 2, 3])
  })

  it('follows a new leader', async () => {
    await open()
    for (const leader of [1, 2, 3, 1]) {
      await cluster.call('partition_set_leader', topic, 0, leader)
      const before = output.status.sent
      output.addExecs(before + 1, before + 20)
      await sent(before + 20)
    }
    assert.deepEqual([await consumed(), output.warnings], [range(1, 80), []])
  })

  it('waits for a topic that is missing', async () => {
    await open()
    await cluster.call('topic_set_error', topic, 3)
    output.addExecs(1, 5)
    await until(() => output.warnings.length > 0)
    assert.match(output.warnings[0], new RegExp(`topic ${topic}: Kafka: UNKNOWN_TOPIC`))
    await cluster.call('topic_set_error', topic, 0)
    await sent(5)
    assert.deepEqual(await consumed(), range(1, 5))
  })

  it('asks another broker for metadata', async () => {
    await open()
    await cluster.call('push_request_errors_array', metadata, -195)
    output.addExecs(1, 5)
    await sent(5)
    assert.deepEqual(output.warnings, [])
  })

  it('sends everything, in order, while brokers end and return', async () => {
    await open('spool=16M', 1)
    for (const broker of [1, 2, 3, 1, 2, 3]) {
      const before = output.status.sent + output.status.queued
      output.addExecs(before + 1, before + 500)
      await cluster.call('partition_set_leader', topic, 0, broker)
      await cluster.call('broker_set_down', broker)
      output.addExecs(before + 501, before + 1000)
      await until(() => output.status.failure !== undefined)
      await cluster.call('broker_set_up', broker)
      await sent(before + 1000)
    }
    // These brokers keep duplicates.
    const first = new Set(await consumed())
    assert.deepEqual([...first], range(1, 6000))
    assert.equal(output.status.guarantee, 'at least once')
  })

  it('sends from the disk what another agent has left', async () => {
    await open('spool=16M')
    await cluster.call('topic_set_error', topic, 3)
    output.addExecs(1, 300)
    await output.finish(0)
    await cluster.call('topic_set_error', topic, 0)
    output = await reopen('spool=16M')
    await sent(300)
    assert.deepEqual(await consumed(), range(1, 300))
  })

  it('says what the broker lacks', async () => {
    await open()
    await cluster.call('set_apiversion', produce, 0, 2)
    output.addExecs(1, 1)
    await until(() => output.warnings.length > 0)
    assert.match(output.warnings[0], /the broker has no produce that fits: use Kafka 0\.11/)
    await cluster.call('set_apiversion', produce, 0, 10)
  })

  it('works with the oldest brokers that have record batches', async () => {
    await open()
    await cluster.call('set_apiversion', produce, 0, 3)
    output.addExecs(1, 10)
    await sent(10)
    await cluster.call('set_apiversion', produce, 0, 10)
    const records: ConsumedRecord[] = await cluster.consume(topic)
    assert.equal(records.length, 10)
  })
})
