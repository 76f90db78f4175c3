import { createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto'
import { BadValue } from '@tetragon-ts/service/options'

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
/** The first five bits say that it is a seed, the next eight what kind of key it is. */
const seedPrefix = 18
const userPrefix = 20 << 3
/** PKCS #8 in front of the 32 bytes of an Ed25519 key (RFC 8410). */
const pkcs8 = Buffer.from('302e020100300506032b657004220420', 'hex')

/** A key that a user of NATS has. */
export class Nkey {
  readonly #key: KeyObject
  /** The name of the key for the server. */
  readonly publicKey: string

  /** @throws BadValue if it is not the seed of a user */
  constructor(seed: string) {
    const bytes = decodeBase32(seed)
    const isRight =
      bytes?.length === 36 &&
      bytes[0] >> 3 === seedPrefix &&
      (((bytes[0] & 7) << 5) | (bytes[1] >> 3)) === userPrefix &&
      bytes.readUInt16LE(34) === crc16(bytes.subarray(0, 34))
    if (!bytes || !isRight) throw new BadValue('the file has no seed of a user (SU…)')
    const der = Buffer.concat([pkcs8, bytes.subarray(2, 34)])
    this.#key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
    const { x = '' } = createPublicKey(this.#key).export({ format: 'jwk' })
    const named = Buffer.concat([Buffer.from([userPrefix]), Buffer.from(x, 'base64url')])
    const checksum = Buffer.alloc(2)
    checksum.writeUInt16LE(crc16(named))
    this.publicKey = encodeBase32(Buffer.concat([named, checksum]))
  }

  /** A signature of what a server asks to sign. */
  sign(nonce: string): string {
    return sign(null, Buffer.from(nonce), this.#key).toString('base64url')
  }
}

function decodeBase32(text: string): Buffer | undefined {
  const bytes: number[] = []
  let value = 0
  let bits = 0
  for (const letter of text) {
    const digit = alphabet.indexOf(letter)
    if (digit < 0) return undefined
    value = ((value << 5) | digit) & 0xfff
    bits += 5
    if (bits < 8) continue
    bits -= 8
    bytes.push((value >> bits) & 0xff)
  }
  return Buffer.from(bytes)
}

function encodeBase32(bytes: Buffer): string {
  let text = ''
  let value = 0
  let bits = 0
  for (const byte of bytes) {
    value = ((value << 8) | byte) & 0xfff
    bits += 8
    for (; bits >= 5; bits -= 5) text += alphabet[(value >> (bits - 5)) & 31]
  }
  return bits > 0 ? text + alphabet[(value << (5 - bits)) & 31] : text
}

/** CRC-16/XMODEM. */
function crc16(bytes: Buffer): number {
  let crc = 0
  for (const byte of bytes) {
    crc ^= byte << 8
    for (let bit = 0; bit < 8; bit++) crc = ((crc << 1) ^ (crc & 0x8000 ? 0x1021 : 0)) & 0xffff
  }
  return crc
}
