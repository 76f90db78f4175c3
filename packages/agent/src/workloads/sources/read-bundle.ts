import { readSync } from 'node:fs'
import { type BundlePod, type RuntimeNames, readBundlePod } from './bundle-pod.ts'
import { TopLevelMember } from './top-level-member.ts'
import { type FileFault, type TrustedFile, withTrustedFile } from './trusted-file.ts'

const pieceSize = 1 << 16
/** The kernel accepts 6 MB of arguments and environment; their JSON can be six times as long. */
const fileMax = 1 << 26
const annotationsMax = 1 << 20
const defaultReadMs = 250
/** Larger than usual files, which take any time: the thread may wait for a CPU. */
const usualMax = 1 << 22

/** The result of reading a bundle. */
export type BundleAnswer =
  | {
      readonly kind: 'pod'
      readonly pod: BundlePod
      readonly names: RuntimeNames
      /** The time when the runtime wrote the bundle. */
      readonly created: Date
    }
  /** There is no bundle here. */
  | { readonly kind: 'missing' }
  /** A container outside of pods. */
  | { readonly kind: 'other' }
  | { readonly kind: 'fault'; readonly fault: FileFault }

/**
 * Reads the pod of a container from the `config.json` of its OCI bundle, which the runtime writes
 * before it starts the container. The file may have any type, size and content: memory and time
 * are bounded, and reading never blocks.
 * @param readMs maximum duration in milliseconds of reading a file of unusual size
 */
export function readBundle(
  path: string,
  names: RuntimeNames,
  readMs = defaultReadMs,
): BundleAnswer {
  const answer = withTrustedFile(path, fileMax, (file) => readPod(file, names, readMs))
  if (answer === undefined) return { kind: 'missing' }
  return typeof answer === 'string' ? { kind: 'fault', fault: answer } : answer
}

function readPod(
  { fd, stats }: TrustedFile,
  names: RuntimeNames,
  readMs: number,
): BundleAnswer | FileFault {
  const member = new TopLevelMember('annotations', annotationsMax)
  const piece = Buffer.allocUnsafe(pieceSize)
  const deadline = performance.now() + readMs
  for (let total = 0; !member.isDone; ) {
    const length = readSync(fd, piece, 0, pieceSize, null)
    if (length === 0) return 'malformed'
    total += length
    if (total > fileMax) return 'too_large'
    if (total > usualMax && performance.now() > deadline) return 'too_large'
    member.add(piece.subarray(0, length))
  }
  if (member.isTooLong) return 'too_large'
  const pod = member.text === undefined ? undefined : parse(member.text, names)
  if (pod === undefined) return { kind: 'other' }
  return pod === 'malformed' ? pod : { kind: 'pod', pod, names, created: stats.mtime }
}

function parse(text: string, names: RuntimeNames): BundlePod | 'malformed' | undefined {
  let annotations: unknown
  try {
    annotations = JSON.parse(text)
  } catch {
    return 'malformed'
  }
  if (annotations === null) return undefined
  if (typeof annotations !== 'object' || Array.isArray(annotations)) return 'malformed'
  return readBundlePod(annotations as Record<string, unknown>, names)
}
