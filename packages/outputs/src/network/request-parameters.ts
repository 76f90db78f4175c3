import { validateHeaderName, validateHeaderValue } from 'node:http'
import { BadValue, duration, flag, integer, list, size, text } from '@tetragon-ts/service/options'
import type { BatchLimits } from '../connection.ts'
import { readParameterFile } from './tls-parameters.ts'

/** Parameters of what sends requests: credentials, headers and compression. */
export const requestParameters = {
  'token-file': text({ value: 'FILE', help: 'a token for the header Authorization' }),
  user: text({ help: 'name of a user, for basic authentication' }),
  'password-file': text({ value: 'FILE', help: 'the password of the user' }),
  header: list({
    keepsCommas: true,
    value: 'NAME:VALUE',
    help: 'another header of each request; can be repeated',
    each: readHeader,
  }),
  gzip: flag({ help: 'compress the body of each request' }),
}

/** Parameters of outputs that send batches of events in requests. */
export const batchParameters = {
  ...requestParameters,
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
}

/** Values of these parameters. */
export interface RequestValues {
  readonly 'token-file': string
  readonly user: string
  readonly 'password-file': string
  readonly header: readonly (readonly [name: string, value: string])[]
  readonly gzip: boolean
}

/** Values of the parameters of outputs that send batches. */
export interface BatchValues extends RequestValues {
  readonly 'batch-events': number
  readonly 'batch-size': number
  readonly 'batch-wait': number
}

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

/** Refuses a part of a login, and two of them. @throws BadValue */
export function checkLogin(values: RequestValues): void {
  if ((values.user === '') !== (values['password-file'] === '')) {
    throw new BadValue('user and password-file need each other')
  }
  if (values.user !== '' && values['token-file'] !== '') {
    throw new BadValue('give token-file or user, not both')
  }
}

/** Limits of batches. @param eventsMax of the API */
export function batchLimits(values: BatchValues, eventsMax = Infinity): BatchLimits {
  const events = Math.min(values['batch-events'], eventsMax)
  return { events, bytes: values['batch-size'], linger: events > 1 ? values['batch-wait'] : 0 }
}

/**
 * The value of the header Authorization, as the files say now; undefined without a login.
 * @throws BadValue
 */
export async function readAuthorization(
  values: RequestValues,
  tokenScheme: string,
): Promise<string | undefined> {
  const token = await readSecret(values['token-file'])
  const password = await readSecret(values['password-file'])
  const user = Buffer.from(`${values.user}:`)
  return (
    (token && `${tokenScheme} ${token.toString('latin1')}`) ??
    (password && `Basic ${Buffer.concat([user, password]).toString('base64')}`)
  )
}

/** The content of a file, without the newline at its end. @throws BadValue */
export async function readSecret(path: string): Promise<Buffer | undefined> {
  const content = path === '' ? undefined : await readParameterFile(path)
  return content && Buffer.from(content.toString('latin1').trimEnd(), 'latin1')
}
