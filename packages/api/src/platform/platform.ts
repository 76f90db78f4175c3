/**
 * Differences between Node.js and browsers. `#platform` in package.json selects the module:
 * `node.ts` with Buffer, whose native code is faster for long texts, or `web.ts` with web APIs.
 * Both have the same interface and tests.
 */
export interface Platform<Bytes extends Uint8Array = Uint8Array> {
  /** Uninitialized memory. */
  allocate(size: number): Bytes
  /** The same memory in the platform's preferred form. */
  view(bytes: Uint8Array): Bytes
  copy(bytes: Uint8Array): Bytes
  /** A string with one character per byte. */
  latin1(bytes: Bytes, from: number, to: number): string
  /** Writes a string with one byte per character. */
  writeLatin1(target: Bytes, text: string, at: number): void
  /** Decodes UTF-8; invalid bytes become U+FFFD. */
  utf8(bytes: Bytes, from: number, to: number): string
  /** Decodes UTF-8; undefined if it is invalid. */
  strictUtf8(bytes: Bytes, from: number, to: number): string | undefined
  /** Half surrogate pairs become U+FFFD, also in the following functions. */
  encodeUtf8(text: string): Bytes
  /** Bytes of a text in UTF-8. */
  utf8Length(text: string): number
  /** Encodes a text as UTF-8 and returns the number of bytes. There must be enough space. */
  writeUtf8(target: Bytes, text: string, at: number): number
  base64(bytes: Bytes): string
  /** Also accepts the URL alphabet and missing padding. */
  fromBase64(text: string): Bytes
  hex(bytes: Bytes): string
  /** System call interface of the machine. */
  readonly machineAbi: 'x64' | 'arm64'
}
