/**
 * What the JSON of an argument is written with. User space provides it: the package that reads the
 * ring has the buffer, and an argument type says only how its value is shown.
 */
export interface JsonWriter {
  /** Writes one byte. */
  byte(value: number): void
  /** Writes a whole number from 0 below 2^53 in decimal. */
  decimal(value: number): void
  /** Writes a string of which each character is one byte. */
  latin1(text: string): void
  /** Writes bytes from outside as the inside of a JSON string. */
  jsonText(source: Uint8Array, from: number, to: number): void
}
