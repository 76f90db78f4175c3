import { isUtf8 } from 'node:buffer'

/** {@link Platform} for Node.js. */

export type Bytes = Buffer

export function allocate(size: number): Bytes {
  return Buffer.allocUnsafeSlow(size)
}

export function view(bytes: Uint8Array): Bytes {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

export function copy(bytes: Uint8Array): Bytes {
  return Buffer.from(bytes)
}

export function latin1(bytes: Bytes, from: number, to: number): string {
  return bytes.toString('latin1', from, to)
}

export function writeLatin1(target: Bytes, text: string, at: number): void {
  target.write(text, at, 'latin1')
}

export function utf8(bytes: Bytes, from: number, to: number): string {
  return bytes.toString('utf8', from, to)
}

export function strictUtf8(bytes: Bytes, from: number, to: number): string | undefined {
  const part = bytes.subarray(from, to)
  return isUtf8(part) ? part.toString('utf8') : undefined
}

export function encodeUtf8(text: string): Bytes {
  return Buffer.from(text)
}

export function utf8Length(text: string): number {
  return Buffer.byteLength(text)
}

export function writeUtf8(target: Bytes, text: string, at: number): number {
  return target.write(text, at, 'utf8')
}

export function base64(bytes: Bytes): string {
  return bytes.toString('base64')
}

export function fromBase64(text: string): Bytes {
  return Buffer.from(text, 'base64')
}

export function hex(bytes: Bytes): string {
  return bytes.toString('hex')
}

export const machineAbi = process.arch === 'arm64' ? 'arm64' : 'x64'
