import type { JsonWriter } from './json-writer.ts'

// JSON fragments that argument types share.

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
  out.byte(0x22)
  if (high >= 0 && high < 0x20_0000) {
    out.decimal(high * 4294967296 + low)
  } else {
    const value = (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0)
    out.latin1((signed ? BigInt.asIntN(64, value) : value).toString())
  }
  out.byte(0x22)
}

/** `"name":"text"` with a leading comma unless `first`. Nothing if the text is empty. */
export function jsonText(out: JsonWriter, name: string, text: string, first = false): void {
  if (text === '') return
  out.latin1(`${first ? '' : ','}"${name}":${JSON.stringify(text)}`)
}

/** Writes `,"name":["text"]` if there are names. @param names as `NamesOfAddress` returns them */
export function jsonNames(out: JsonWriter, name: string, names: string | undefined): void {
  if (names !== undefined && names !== '') out.latin1(`,"${name}":${names}`)
}
