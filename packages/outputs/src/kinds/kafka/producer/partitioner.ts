/**
 * The partition of a key, as in Kafka's own producer: consumers that join topics rely on it.
 * @param count of the partitions
 */
export function partitionOfKey(key: string, count: number): number {
  return (murmur2(Buffer.from(key)) & 0x7fffffff) % count
}

/** MurmurHash2 with Kafka's seed. */
export function murmur2(bytes: Buffer): number {
  const m = 0x5bd1e995
  let hash = 0x9747b28c ^ bytes.length
  let at = 0
  for (; at + 4 <= bytes.length; at += 4) {
    let k = Math.imul(bytes.readInt32LE(at), m)
    k = Math.imul(k ^ (k >>> 24), m)
    hash = Math.imul(hash, m) ^ k
  }
  const left = bytes.length - at
  if (left > 0) hash = Math.imul(hash ^ bytes.readUIntLE(at, left), m)
  hash = Math.imul(hash ^ (hash >>> 13), m)
  return hash ^ (hash >>> 15)
}
