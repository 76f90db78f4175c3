import { BadValue, integer, option, optionalSize, text } from '@tetragon-ts/service/options'
import { outputKind } from '../../connection.ts'
import { checkTls, tlsParameters } from '../../network/tls-parameters.ts'
import { schemaParameters } from '../../schemas/index.ts'

/** Ways to log in, of which one can be given. */
const logins = ['user', 'token-file', 'nkey-file', 'creds-file'] as const

/** NATS JetStream: each event is a message that a stream acknowledges. */
export const nats = outputKind({
  schemes: ['nats', 'nats+tls'],
  guarantee: 'at least once while the agent runs',
  parameters: {
    ...tlsParameters,
    ...schemaParameters,
    subject: option({
      default: 'tetragon.events',
      help: 'the subject of the messages, which a stream must have',
      read: readSubject,
    }),
    stream: option({ default: '', help: 'accept no other stream', read: readStream }),
    'create-stream': optionalSize({
      help: 'create the stream if it does not exist, with this maximum size in bytes',
    }),
    user: text({ help: 'name of a user' }),
    'password-file': text({ value: 'FILE', help: 'the password of the user' }),
    'token-file': text({ value: 'FILE', help: 'a token' }),
    'nkey-file': text({ value: 'FILE', help: 'the seed of an NKey' }),
    'creds-file': text({ value: 'FILE', help: 'credentials: a JWT and the seed of its NKey' }),
    'batch-events': integer({
      min: 1,
      max: 10_000,
      default: '500',
      help: 'maximum number of messages that wait for acknowledgement',
    }),
  },
  check: ({ url, values }) => {
    checkTls(values, url.protocol === 'nats+tls:')
    if (url.pathname !== '' && url.pathname !== '/') {
      throw new BadValue(`the URL has a path, "${url.pathname}": give the subject as a parameter`)
    }
    if ((values.user === '') !== (values['password-file'] === '')) {
      throw new BadValue('user and password-file need each other')
    }
    if (values['create-stream'] > 0 && values.stream === '') {
      throw new BadValue('create-stream needs a stream')
    }
    const given = logins.filter((name) => values[name] !== '')
    if (given.length > 1) throw new BadValue(`give ${given.join(' or ')}, not both`)
  },
  open: async (target) => {
    const { openNats } = await import('./open-nats.ts')
    return openNats(target)
  },
})

function readSubject(given: string): string {
  if (/^[^\s.*>]+(\.[^\s.*>]+)*$/.test(given) && !given.startsWith('$')) return given
  throw new BadValue(`invalid subject "${given}" (example: tetragon.events)`)
}

function readStream(given: string): string {
  if (/^[^\s.*>/\\]*$/.test(given)) return given
  throw new BadValue(`invalid stream "${given}" (example: EVENTS)`)
}
