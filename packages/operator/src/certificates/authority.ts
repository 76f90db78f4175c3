import { createPrivateKey, type KeyObject, type webcrypto, X509Certificate } from 'node:crypto'
import { certificatesOf } from './pem.ts'

/** A certificate authority that can sign. */
export interface Authority {
  readonly certificate: X509Certificate
  readonly key: webcrypto.CryptoKey
  /** PEM of all its certificates, for those who trust it. */
  readonly bundle: string
  /** PEM of the certificates that servers send with their own: clients may have only the root. */
  readonly intermediates: string
}

/** Names of curves in Web Crypto, by those of OpenSSL. */
const curves: Readonly<Record<string, string>> = {
  prime256v1: 'P-256',
  secp384r1: 'P-384',
  secp521r1: 'P-521',
}

/**
 * Reads an authority of any form and kind that is in use.
 * @param certificates PEM: the certificate of the key, and perhaps those up to the root
 * @param key PEM: PKCS #8, PKCS #1 or SEC 1
 * @throws Error
 */
export async function readAuthority(certificates: string, key: string): Promise<Authority> {
  const all = parseCertificates(certificates)
  const parsedKey = parseKey(key)
  const certificate = all.find((each) => each.checkPrivateKey(parsedKey))
  if (certificate === undefined) throw new Error('ca.key is not the key of a certificate in ca.crt')
  if (!certificate.ca) throw new Error('ca.crt is not a certificate authority')
  const chain = [certificate, ...all.filter((each) => each !== certificate)]
  return {
    certificate,
    key: await importKey(parsedKey),
    bundle: chain.join(''),
    intermediates: chain.filter((each) => !each.checkIssued(each)).join(''),
  }
}

function parseCertificates(text: string): X509Certificate[] {
  const all = certificatesOf(text)
  if (all.length === 0) throw new Error('ca.crt has no certificate in PEM form')
  try {
    return all.map((pem) => new X509Certificate(pem))
  } catch (cause) {
    throw new Error(`ca.crt has an invalid certificate: ${(cause as Error).message}`, { cause })
  }
}

function parseKey(pem: string): KeyObject {
  // The error of OpenSSL would be "interrupted or cancelled".
  if (/^-----BEGIN ENCRYPTED |^Proc-Type: 4,ENCRYPTED/m.test(pem)) {
    throw new Error('ca.key is encrypted, and must not be')
  }
  try {
    return createPrivateKey(pem)
  } catch (cause) {
    throw new Error('ca.key has no private key in PEM form', { cause })
  }
}

function importKey(key: KeyObject): Promise<webcrypto.CryptoKey> {
  const { namedCurve = '' } = key.asymmetricKeyDetails ?? {}
  const isRsa = key.asymmetricKeyType === 'rsa'
  if (!isRsa && !Object.hasOwn(curves, namedCurve)) {
    const type = namedCurve || key.asymmetricKeyType
    throw new Error(`ca.key is of type ${type}; use RSA, P-256, P-384 or P-521`)
  }
  const algorithm = isRsa
    ? { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }
    : { name: 'ECDSA', namedCurve: curves[namedCurve] }
  const bytes = key.export({ type: 'pkcs8', format: 'der' })
  return globalThis.crypto.subtle.importKey('pkcs8', bytes, algorithm, false, ['sign'])
}
