import { createHash, randomBytes } from 'node:crypto'
import { isIP } from 'node:net'
import { BitString, Integer, OctetString, Utf8String } from 'asn1js'
import {
  AttributeTypeAndValue,
  AuthorityKeyIdentifier,
  BasicConstraints,
  Certificate,
  Extension,
  ExtKeyUsage,
  GeneralName,
  GeneralNames,
  Time,
  TimeType,
} from 'pkijs'
import { addressBytes } from './address-bytes.ts'
import type { Authority } from './authority.ts'
import { pemOf } from './pem.ts'

/** A certificate and its private key, as PEM. */
export interface KeyPair {
  /** Followed by those of authorities below the root, if there are any. */
  readonly certificate: string
  readonly key: string
}

/** What a certificate says. */
export interface CertificateRequest {
  readonly commonName: string
  /** DNS names and IP addresses of a server. */
  readonly names: readonly string[]
  readonly notBefore: Date
  readonly notAfter: Date
  /** `authority` signs certificates of the other two. */
  readonly use: 'authority' | 'server' | 'client'
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256' } as const
const hash = 'SHA-256'
const oid = {
  commonName: '2.5.4.3',
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  authorityKeyIdentifier: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
  server: '1.3.6.1.5.5.7.3.1',
  client: '1.3.6.1.5.5.7.3.2',
} as const
/** Bits of RFC 5280, 4.2.1.3. */
const keyUsages = { digitalSignature: 0x80, keyCertSign: 0x04, cRLSign: 0x02 } as const
const nameTypes = { dns: 2, address: 7 } as const

/**
 * Makes a key (ECDSA P-256) and its certificate.
 * @param authority signs the certificate; undefined: it is signed by its own key
 */
export async function makeCertificate(
  request: CertificateRequest,
  authority?: Authority,
): Promise<KeyPair> {
  const { subtle } = globalThis.crypto
  const keys = await subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const certificate = new Certificate({ version: 2 })
  certificate.serialNumber = new Integer({ valueHex: serialNumber() })
  certificate.subject.typesAndValues.push(commonName(request.commonName))
  certificate.notBefore = time(request.notBefore)
  certificate.notAfter = time(request.notAfter)
  await certificate.subjectPublicKeyInfo.importKey(keys.publicKey)
  const issuer =
    authority === undefined ? certificate : Certificate.fromBER(authority.certificate.raw)
  certificate.issuer = issuer.subject
  const own = keyIdentifier(certificate)
  const issuerIdentifier = authority === undefined ? own : subjectKeyIdentifier(issuer)
  certificate.extensions = extensionsOf(request, own, issuerIdentifier)
  await certificate.sign(authority?.key ?? keys.privateKey, hash)
  return {
    certificate:
      pemOf('CERTIFICATE', certificate.toSchema(true).toBER()) + (authority?.intermediates ?? ''),
    key: pemOf('PRIVATE KEY', await subtle.exportKey('pkcs8', keys.privateKey)),
  }
}

/** Positive, with 126 random bits. */
function serialNumber(): ArrayBuffer {
  const bytes = Uint8Array.from(randomBytes(16))
  bytes[0] = (bytes[0] & 0x3f) | 0x40
  return bytes.buffer
}

/** UTCTime until 2049, then GeneralizedTime (RFC 5280, 4.1.2.5); whole seconds. */
function time(date: Date): Time {
  const value = new Date(Math.floor(date.getTime() / 1000) * 1000)
  const isFar = value.getUTCFullYear() >= 2050
  return new Time({ type: isFar ? TimeType.GeneralizedTime : TimeType.UTCTime, value })
}

function commonName(value: string): AttributeTypeAndValue {
  return new AttributeTypeAndValue({ type: oid.commonName, value: new Utf8String({ value }) })
}

/** Method 1 of RFC 7093: of SHA-256 of the public key. */
function keyIdentifier({ subjectPublicKeyInfo }: Certificate): ArrayBuffer {
  const key = subjectPublicKeyInfo.subjectPublicKey.valueBlock.valueHexView
  return Uint8Array.from(createHash('sha256').update(key).digest().subarray(0, 20)).buffer
}

/** As the certificate states it: authorities compute it in different ways, or have none. */
function subjectKeyIdentifier({ extensions = [] }: Certificate): ArrayBuffer | undefined {
  const extension = extensions.find(({ extnID }) => extnID === oid.subjectKeyIdentifier)
  const value: unknown = extension?.parsedValue
  return value instanceof OctetString ? value.getValue() : undefined
}

function extensionsOf(
  { use, names }: CertificateRequest,
  own: ArrayBuffer,
  issuer: ArrayBuffer | undefined,
): Extension[] {
  const isAuthority = use === 'authority'
  const usage = isAuthority ? keyUsages.keyCertSign | keyUsages.cRLSign : keyUsages.digitalSignature
  const values: [id: string, critical: boolean, value: { toBER(): ArrayBuffer }][] = [
    [oid.basicConstraints, true, new BasicConstraints({ cA: isAuthority }).toSchema()],
    [oid.keyUsage, true, bits(usage)],
    [oid.subjectKeyIdentifier, false, new OctetString({ valueHex: own })],
  ]
  if (issuer !== undefined) {
    const identifier = new OctetString({ valueHex: issuer })
    const extension = new AuthorityKeyIdentifier({ keyIdentifier: identifier })
    values.push([oid.authorityKeyIdentifier, false, extension.toSchema()])
  }
  if (!isAuthority) {
    const purposes = new ExtKeyUsage({ keyPurposes: [oid[use]] })
    values.push([oid.extendedKeyUsage, false, purposes.toSchema()])
  }
  if (names.length > 0) {
    const alternatives = new GeneralNames({ names: names.map(generalName) })
    values.push([oid.subjectAltName, false, alternatives.toSchema()])
  }
  return values.map(
    ([extnID, critical, value]) => new Extension({ extnID, critical, extnValue: value.toBER() }),
  )
}

/** A BIT STRING without trailing zeros, as DER requires. */
function bits(value: number): BitString {
  const unusedBits = Math.log2(value & -value)
  return new BitString({ valueHex: Uint8Array.of(value).buffer, unusedBits })
}

function generalName(name: string): GeneralName {
  if (isIP(name) === 0) return new GeneralName({ type: nameTypes.dns, value: name })
  const value = new OctetString({ valueHex: addressBytes(name) })
  return new GeneralName({ type: nameTypes.address, value })
}
