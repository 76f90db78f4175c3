import { BtfError } from './error.ts'

const MAGIC = 0xeb9f
/** struct btf_header, include/uapi/linux/btf.h. */
export const HEADER_SIZE = 24

/** The two sections of a BTF blob, each a view of its bytes. */
export interface Sections {
  /** Type section as 32-bit words. */
  readonly words: Uint32Array
  readonly strings: Uint8Array
}

/**
 * Reads the header and cuts out both sections. Errors: EBPF_BTF_TRUNCATED, EBPF_BTF_BAD_MAGIC
 * (also for the other byte order and for versions other than 1).
 */
export function readSections(bytes: Uint8Array): Sections {
  const blob = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const head = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (blob.length < HEADER_SIZE) {
    throw new BtfError('EBPF_BTF_TRUNCATED', `read BTF header: ${blob.length} of 24 bytes`)
  }
  const magic = head.getUint16(0, true)
  const version = blob[2]
  if (magic !== MAGIC || version !== 1) {
    throw new BtfError(
      'EBPF_BTF_BAD_MAGIC',
      `read BTF header: magic 0x${magic.toString(16)}, version ${version}`,
    )
  }
  const headerSize = head.getUint32(4, true)
  const typeStart = headerSize + head.getUint32(8, true)
  const typeSize = head.getUint32(12, true)
  const stringStart = headerSize + head.getUint32(16, true)
  const stringSize = head.getUint32(20, true)
  if (headerSize < HEADER_SIZE || typeStart + typeSize > blob.length || typeSize % 4 !== 0) {
    throw new BtfError(
      'EBPF_BTF_TRUNCATED',
      `read BTF types: ${typeSize} bytes from ${typeStart} in a blob of ${blob.length}`,
    )
  }
  if (stringStart + stringSize > blob.length) {
    throw new BtfError(
      'EBPF_BTF_TRUNCATED',
      `read BTF strings: ${stringSize} bytes from ${stringStart} in a blob of ${blob.length}`,
    )
  }
  const strings = blob.subarray(stringStart, stringStart + stringSize)
  if (stringSize > 0 && strings[stringSize - 1] !== 0) {
    throw new BtfError('EBPF_BTF_BAD_STRING', 'read BTF strings: the last one does not end')
  }
  return { words: asWords(blob, typeStart, typeSize), strings }
}

function asWords(blob: Uint8Array, start: number, size: number): Uint32Array {
  const at = blob.byteOffset + start
  if (at % 4 === 0) return new Uint32Array(blob.buffer, at, size / 4)
  return new Uint32Array(blob.slice(start, start + size).buffer)
}
