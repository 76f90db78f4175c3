import { BadValue } from '@tetragon-ts/service/options'
import { readParameterFile } from '../../network/tls-parameters.ts'
import { Nkey } from './nkey.ts'

/** Values of the parameters for the login. */
export interface NatsLoginValues {
  readonly user: string
  readonly 'password-file': string
  readonly 'token-file': string
  readonly 'nkey-file': string
  readonly 'creds-file': string
}

/** Fields of CONNECT, for a number that the server has chosen. */
export type NatsLogin = (nonce: string) => Readonly<Record<string, string>>

/** Reads the files, which may be new ones. @throws BadValue */
export async function readNatsLogin(values: NatsLoginValues): Promise<NatsLogin> {
  const { user, 'creds-file': creds, 'nkey-file': nkeyFile, 'token-file': token } = values
  const read = async (path: string): Promise<string> => {
    return (await readParameterFile(path)).toString('utf8').trim()
  }
  if (creds !== '') return readCreds(await read(creds))
  if (nkeyFile !== '') {
    const key = new Nkey(await read(nkeyFile))
    return (nonce) => ({ nkey: key.publicKey, sig: key.sign(nonce) })
  }
  if (token !== '') {
    const fields = { auth_token: await read(token) }
    return () => fields
  }
  if (user === '') return () => ({})
  const fields = { user, pass: await read(values['password-file']) }
  return () => fields
}

function readCreds(text: string): NatsLogin {
  const jwt = block(text, 'NATS USER JWT')
  const key = new Nkey(block(text, 'USER NKEY SEED'))
  return (nonce) => ({ jwt, sig: key.sign(nonce) })
}

function block(text: string, name: string): string {
  const [, content] = new RegExp(`-+BEGIN ${name}-+\\s+(\\S+)\\s+-+END ${name}-+`).exec(text) ?? []
  if (content === undefined) throw new BadValue(`the file of credentials has no ${name}`)
  return content
}
