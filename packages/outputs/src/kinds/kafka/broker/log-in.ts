import { SendError } from '../../../connection.ts'
import { describeError } from '../kafka-errors.ts'
import { saslAuthenticateRequest, saslHandshakeRequest } from '../wire/requests.ts'
import type { Broker } from './broker.ts'
import { Scram } from './scram.ts'

/** Mechanisms of SASL, and their names in the protocol. */
export const mechanisms = {
  'scram-sha-512': 'SCRAM-SHA-512',
  'scram-sha-256': 'SCRAM-SHA-256',
  plain: 'PLAIN',
} as const

/** A login with a password. */
export interface SaslLogin {
  readonly mechanism: keyof typeof mechanisms
  readonly user: string
  readonly password: string
}

/**
 * Logs in.
 * @returns milliseconds until the broker ends the session; 0: never
 * @throws SendError, or errors of the network
 */
export async function logIn(
  broker: Broker,
  login: SaslLogin,
  signal: AbortSignal,
): Promise<number> {
  const mechanism = mechanisms[login.mechanism]
  broker.versionOf('saslHandshake')
  const handshake = await broker.request(saslHandshakeRequest(mechanism), signal)
  if (handshake.error !== 0) {
    const offered = `the broker has ${handshake.mechanisms.join(', ') || 'none'}`
    throw new SendError('again', describeError(handshake.error, offered))
  }
  const version = broker.versionOf('saslAuthenticate')
  const exchange = async (message: string): Promise<{ text: string; lifetimeMs: number }> => {
    const request = saslAuthenticateRequest(Buffer.from(message), version)
    const { error, message: reason, answer, lifetimeMs } = await broker.request(request, signal)
    if (error !== 0) throw new SendError('again', describeError(error, reason))
    return { text: answer.toString('utf8'), lifetimeMs }
  }
  const { user, password } = login
  if (mechanism === 'PLAIN') return (await exchange(`\0${user}\0${password}`)).lifetimeMs
  const scram = new Scram(mechanism === 'SCRAM-SHA-256' ? 'sha256' : 'sha512', { user, password })
  const { text: challenge } = await exchange(scram.first)
  const { text: proof, lifetimeMs } = await exchange(await scram.answer(challenge))
  scram.verify(proof)
  return lifetimeMs
}
