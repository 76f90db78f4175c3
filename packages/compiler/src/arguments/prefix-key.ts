import type { Codec } from '@tetragon-ts/ebpf/records'

/** Key of a trie of prefixes (struct bpf_lpm_trie_key_u8): number of significant bits, and data. */
export interface PrefixKey {
  readonly bits: number
  readonly data: Uint8Array
}

/** Bytes before the data. */
export const prefixKeyHeader = 4

/** Keys with a number of data bytes, zero-padded. At most 256: kernel/bpf/lpm_trie.c. */
export function prefixKey(size: number): Codec<PrefixKey> {
  return {
    size: prefixKeyHeader + size,
    encode({ bits, data }, view, offset) {
      view.setUint32(offset, bits, true)
      for (let i = 0; i < size; i++) view.setUint8(offset + prefixKeyHeader + i, data[i] ?? 0)
    },
    decode(view, offset) {
      const at = view.byteOffset + offset + prefixKeyHeader
      const data = new Uint8Array(view.buffer.slice(at, at + size) as ArrayBuffer)
      return { bits: view.getUint32(offset, true), data }
    },
  }
}

/** Plain bytes, zero-padded. */
export function bytesCodec(size: number): Codec<Uint8Array> {
  return {
    size,
    encode(bytes, view, offset) {
      const to = new Uint8Array(view.buffer, view.byteOffset + offset, size)
      to.fill(0)
      to.set(bytes)
    },
    decode(view, offset) {
      const at = view.byteOffset + offset
      return new Uint8Array(view.buffer.slice(at, at + size) as ArrayBuffer)
    },
  }
}
