import {
  BadValue,
  choice,
  duration,
  flag,
  integer,
  list,
  option,
  size,
  text,
} from '@tetragon-ts/service/options'
import { outputKind } from '../../connection.ts'
import { checkTls, tlsParameters } from '../../network/tls-parameters.ts'
import { schemaParameters } from '../../schemas/index.ts'
import type { EventKeyName } from './open-kafka.ts'
import type { CompressionName } from './records/record-batch.ts'

/** Apache Kafka, and what speaks its protocol: each event is a record of a topic. */
export const kafka = outputKind({
  schemes: ['kafka', 'kafka+tls'],
  guarantee: 'at least once while the agent runs',
  parameters: {
    ...tlsParameters,
    ...schemaParameters,
    topic: option({ default: 'tetragon.events', help: 'the topic', read: readTopic }),
    broker: list({
      value: 'HOST:PORT',
      help: 'another broker to ask first; can be repeated',
      each: readBroker,
    }),
    key: choice({
      choices: ['node', 'pod', 'process', 'none'] as const satisfies readonly EventKeyName[],
      default: 'node',
      help: 'events with the same key stay in order, in one partition',
    }),
    acks: choice({
      choices: ['all', 'leader'] as const,
      default: 'all',
      help: 'which replicas must have a batch',
    }),
    'allow-duplicates': flag({ help: 'send without a producer id' }),
    compression: choice({
      choices: ['none', 'gzip', 'zstd'] as const satisfies readonly CompressionName[],
      default: 'none',
      help: 'compression of batches',
    }),
    user: text({ help: 'name of a user' }),
    'password-file': text({ value: 'FILE', help: 'the password of the user' }),
    sasl: choice({
      choices: ['scram-sha-512', 'scram-sha-256', 'plain'] as const,
      default: 'scram-sha-512',
      help: 'how the user logs in',
    }),
    'batch-events': integer({
      min: 1,
      max: 10_000,
      default: '2000',
      help: 'maximum number of events in a request',
    }),
    'batch-size': size({ default: '900K', help: 'maximum bytes of the events in a batch' }),
    'batch-wait': duration({
      default: '200ms',
      max: 60_000,
      help: 'how long a request waits for more events',
    }),
  },
  check: ({ url, values }) => {
    checkTls(values, url.protocol === 'kafka+tls:')
    if (url.pathname !== '' && url.pathname !== '/') {
      throw new BadValue(`the URL has a path, "${url.pathname}": give the topic as a parameter`)
    }
    if ((values.user === '') !== (values['password-file'] === '')) {
      throw new BadValue('user and password-file need each other')
    }
    if (values.sasl !== 'scram-sha-512' && values.user === '') {
      throw new BadValue('sasl has no effect without user')
    }
    if (values.acks === 'leader' && values['allow-duplicates']) {
      throw new BadValue('allow-duplicates has no effect with acks=leader, which has duplicates')
    }
  },
  open: async (target) => {
    const { openKafka } = await import('./open-kafka.ts')
    return openKafka(target)
  },
})

function readTopic(given: string): string {
  if (/^[\w.-]{1,249}$/.test(given) && !/^\.\.?$/.test(given)) return given
  throw new BadValue(`invalid topic "${given}" (example: tetragon.events)`)
}

function readBroker(given: string): { readonly host: string; readonly port: number } {
  const url = URL.canParse(`kafka://${given}`) ? new URL(`kafka://${given}`) : undefined
  if (url === undefined || url.host.toLowerCase() !== given.toLowerCase() || url.port === '') {
    throw new BadValue(`invalid broker "${given}" (example: kafka-2.example:9092)`)
  }
  return { host: url.hostname.replace(/^\[(.*)\]$/, '$1'), port: Number(url.port) }
}
