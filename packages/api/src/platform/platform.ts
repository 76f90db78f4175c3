/**
 * What differs between Node.js and browsers. `#platform` in package.json names the module that
 * implements it: `node.ts` with Buffer, whose native code is faster for long texts, `web.ts` with
 * what browsers have. Both look the same to modules that import them, and have the same tests.
 */
export interface Platform<Bytes extends Uint8Array = Uint8Array> {
  /** Memory whose content is arbitrary. */
  allocate(size: number): Bytes
  /** The same memory, as the platform likes it best. */
  view(bytes: Uint8Array): Bytes
  copy(bytes: Uint8Array): Bytes
  /** A string of one character for each byte. */
  latin1(bytes: Bytes, from: number, to: number): string
  /** Writes a string whose characters are bytes. */
  writeLatin1(target: Bytes, text: string, at: number): void
  /** Text in UTF-8; what is not UTF-8 becomes U+FFFD. */
  utf8(bytes: Bytes, from: number, to: number): string
  /** Text in UTF-8; undefined if it is not. */
  strictUtf8(bytes: Bytes, from: number, to: number): string | undefined
  /** Half surrogate pairs become U+FFFD, here and below. */
  encodeUtf8(text: string): Bytes
  /** Bytes of a text in UTF-8. */
  utf8Length(text: string): number
  /** Writes a text in UTF-8 and returns the number of bytes. There must be room for it. */
  writeUtf8(target: Bytes, text: string, at: number): number
  base64(bytes: Bytes): string
  /** Accepts the alphabet of URLs and missing padding as well. */
  fromBase64(text: string): Bytes
  hex(bytes: Bytes): string
  /** System call interface of the machine. */
  readonly machineAbi: 'x64' | 'arm64'
}
