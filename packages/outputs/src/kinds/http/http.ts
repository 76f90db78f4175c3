import { validateHeaderName, validateHeaderValue } from 'node:http'
import {
  BadValue,
  choice,
  duration,
  flag,
  integer,
  list,
  size,
  text,
} from '@tetragon-ts/service/options'
import { outputKind } from '../../connection.ts'
import { checkTls, tlsParameters } from '../../network/tls-parameters.ts'
import { schemaParameters } from '../../schemas/index.ts'
import type { HttpFormat } from './formats/format.ts'
import { type FormatName, formats } from './formats/index.ts'

/** Requests to an API over HTTP. */
export const http = outputKind({
  schemes: ['http', 'https'],
  guarantee: 'at least once while the agent runs',
  parameters: {
    ...tlsParameters,
    ...schemaParameters,
    format: choice({
      choices: Object.keys(formats) as FormatName[],
      default: 'json-lines',
      help: 'the API that gets the events',
    }),
    index: text({ help: 'data stream of Elasticsearch, index of Splunk' }),
    'token-file': text({ value: 'FILE', help: 'a token for the header Authorization' }),
    user: text({ help: 'name of a user, for basic authentication' }),
    'password-file': text({ value: 'FILE', help: 'the password of the user' }),
    'hmac-key-file': text({ value: 'FILE', help: 'key that signs the body of each request' }),
    header: list({
      keepsCommas: true,
      value: 'NAME:VALUE',
      help: 'another header of each request; can be repeated',
      each: readHeader,
    }),
    gzip: flag({ help: 'compress the body of each request' }),
    'batch-events': integer({
      min: 1,
      max: 10_000,
      default: '500',
      help: 'maximum number of events in a request',
    }),
    'batch-size': size({ default: '1M', help: 'maximum bytes of the events in a request' }),
    'batch-wait': duration({
      default: '200ms',
      max: 60_000,
      help: 'how long a request waits for more events',
    }),
  },
  check: ({ url, values }) => {
    checkTls(values, url.protocol === 'https:')
    if ((values.user === '') !== (values['password-file'] === '')) {
      throw new BadValue('user and password-file need each other')
    }
    if (values.user !== '' && values['token-file'] !== '') {
      throw new BadValue('give token-file or user, not both')
    }
    const { findingsOnly }: HttpFormat = formats[values.format]
    const { level, schema } = values as typeof values & { readonly level?: string }
    if (findingsOnly && level === undefined) {
      throw new BadValue(`format=${values.format} is for findings: give a level, such as level=low`)
    }
    if (findingsOnly && schema !== 'tetragon') {
      throw new BadValue(`format=${values.format} has its own schema`)
    }
  },
  open: async (target) => {
    const { openHttp } = await import('./open-http.ts')
    return openHttp(target)
  },
})

function readHeader(given: string): readonly [name: string, value: string] {
  const [, name = '', value = ''] = /^([^:]*):\s*(.*)$/s.exec(given) ?? []
  if (/^authorization$/i.test(name)) {
    throw new BadValue('the command line is visible to all users: give token-file')
  }
  try {
    validateHeaderName(name)
    validateHeaderValue(name, value)
  } catch {
    throw new BadValue(`invalid header "${given}" (example: X-Scope-OrgID:tenant)`)
  }
  return [name, value]
}
