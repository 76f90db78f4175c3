import { BadValue, choice, text } from '@tetragon-ts/service/options'
import { outputKind } from '../../connection.ts'
import { batchParameters, checkLogin } from '../../network/request-parameters.ts'
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
    'hmac-key-file': text({ value: 'FILE', help: 'key that signs the body of each request' }),
    ...batchParameters,
  },
  check: ({ url, values }) => {
    checkTls(values, url.protocol === 'https:')
    checkLogin(values)
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
