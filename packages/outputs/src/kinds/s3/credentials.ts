import { BadValue } from '@tetragon-ts/service/options'
import { readParameterFile } from '../../network/tls-parameters.ts'

/** What requests are signed with. */
export interface Credentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
}

/**
 * The credentials of the profile `default` in a file as the AWS tools write it. It is read for each
 * upload, so that renewed ones count.
 * @throws BadValue without credentials; its message has no part of them
 */
export async function readCredentials(file: string): Promise<Credentials> {
  const settings = profile(String(await readParameterFile(file)))
  const {
    aws_access_key_id: id,
    aws_secret_access_key: secret,
    aws_session_token: token,
  } = settings
  if (id && secret) {
    return { accessKeyId: id, secretAccessKey: secret, ...(token && { sessionToken: token }) }
  }
  throw new BadValue(
    `find credentials: ${file} has no aws_access_key_id and aws_secret_access_key in [default]`,
  )
}

/** The settings of the profile `default`; lines that are not settings are skipped. */
function profile(text: string): Readonly<Partial<Record<string, string>>> {
  const found: Record<string, string> = Object.create(null)
  let isDefault = false
  for (const line of text.split('\n')) {
    const [, section] = /^\s*\[\s*(.*?)\s*\]/.exec(line) ?? []
    if (section !== undefined) isDefault = section === 'default'
    const [, name, value] = /^\s*(\w+)\s*=\s*(.*?)\s*$/.exec(line) ?? []
    if (isDefault && name !== undefined) found[name.toLowerCase()] = value
  }
  return found
}
