import type { JsonWriter } from './json-writer.ts'
import { formatAddress } from './network-address.ts'

// JSON fragments that argument types share.

const AF_INET6 = 10
const dot = 0x2e
const quote = 0x22
const encoder = new TextEncoder()

/** A number below 2^53 as JSON number. */
export function jsonInteger(out: JsonWriter, value: number): void {
  if (value < 0) {
    out.byte(0x2d)
    out.decimal(-value)
  } else {
    out.decimal(value)
  }
}

/** A 64-bit number, given by its halves, as a string, as in protobuf JSON. */
export function jsonInteger64(out: JsonWriter, high: number, low: number, signed: boolean): void {
  out.byte(quote)
  if (high >= 0 && high < 0x20_0000) {
    out.decimal(high * 4294967296 + low)
  } else {
    const value = (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0)
    out.latin1((signed ? BigInt.asIntN(64, value) : value).toString())
  }
  out.byte(quote)
}

/** Constant JSON, encoded once: it is written faster than a text. */
export function encoded(json: string): Uint8Array {
  return encoder.encode(json)
}

/** `"name":`, with a leading comma unless `first`. */
function memberStart(name: string, first: boolean): string {
  return `${first ? '' : ','}"${name}":`
}

/** `"name":123` with a leading comma. Nothing for 0. */
export function numberMember(name: string): (out: JsonWriter, value: number) => void {
  const start = encoded(memberStart(name, false))
  return (out, value) => {
    if (value === 0) return
    out.append(start)
    out.decimal(value)
  }
}

/** Maximum number of texts of a member that are kept. */
const textsMax = 1024

/**
 * `"name":"text"` with a leading comma unless `first`, whose texts are few, such as the names of
 * protocols: each is encoded once. Nothing for an empty one.
 */
export function textMember(name: string, first = false): (out: JsonWriter, text: string) => void {
  const known = new Map<string, Uint8Array>([['', new Uint8Array()]])
  return (out, text) => {
    let json = known.get(text)
    if (json === undefined) {
      json = encoded(`${memberStart(name, first)}${JSON.stringify(text)}`)
      if (known.size < textsMax) known.set(text, json)
    }
    out.append(json)
  }
}

type Words = readonly [a: number, b: number, c: number, d: number]

/** `"name":"192.0.2.1"` with a leading comma. The address is in words as `formatAddress` has it. */
export function addressMember(
  name: string,
): (out: JsonWriter, family: number, ...words: Words) => void {
  const start = encoded(`${memberStart(name, false)}"`)
  return (out, family, a, b, c, d) => {
    out.append(start)
    if (family === AF_INET6) out.latin1(formatAddress(family, a, b, c, d))
    else writeDotted(out, a)
    out.byte(quote)
  }
}

function writeDotted(out: JsonWriter, word: number): void {
  out.decimal(word & 255)
  out.byte(dot)
  out.decimal((word >>> 8) & 255)
  out.byte(dot)
  out.decimal((word >>> 16) & 255)
  out.byte(dot)
  out.decimal(word >>> 24)
}

/** Writes `,"name":["text"]` if there are names. @param names as `NamesOfAddress` returns them */
export function jsonNames(out: JsonWriter, name: string, names: string | undefined): void {
  if (names !== undefined && names !== '') out.latin1(`,"${name}":${names}`)
}
