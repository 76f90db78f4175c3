/**
 * Writes the JSON of an argument. It is provided by the package that reads the ring; an argument
 * type only defines the form of its value.
 */
export interface JsonWriter {
  /** Writes one byte. */
  byte(value: number): void
  /** Writes a whole number from 0 to 2^53 - 1 in decimal. */
  decimal(value: number): void
  /** Writes encoded JSON. */
  append(encoded: Uint8Array): void
  /** Writes a string with one byte per character. */
  latin1(text: string): void
  /** Writes bytes in base64. */
  base64(bytes: Uint8Array): void
  /** Writes untrusted bytes as the content of a JSON string. */
  jsonText(source: Uint8Array, from: number, to: number): void
}
