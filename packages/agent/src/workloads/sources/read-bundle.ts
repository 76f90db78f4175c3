import { closeSync, constants, fstatSync, lstatSync, openSync, readSync, type Stats } from 'node:fs'
import { type BundlePod, type RuntimeNames, readBundlePod } from './bundle-pod.ts'
import { TopLevelMember } from './top-level-member.ts'

const { O_NOCTTY, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, S_IWGRP, S_IWOTH } = constants
const pieceSize = 1 << 16
/** The kernel accepts 6 MB of arguments and environment; their JSON can be six times as long. */
const fileMax = 1 << 26
const annotationsMax = 1 << 20
const readMs = 250

/** Why a bundle cannot be used. */
export type BundleFault = 'unsafe' | 'unreadable' | 'too_large' | 'malformed'

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
  | { readonly kind: 'fault'; readonly fault: BundleFault }

const missing: BundleAnswer = { kind: 'missing' }

/**
 * Reads the pod of a container from the `config.json` of its OCI bundle, which the runtime writes
 * before it starts the container. The file may have any type, size and content: memory and time
 * are bounded, and reading never blocks.
 */
export function readBundle(path: string, names: RuntimeNames): BundleAnswer {
  let fd: number | undefined
  try {
    // Opening a device may have effects: only regular files are opened.
    const found = existing(path)
    if (found === undefined) return missing
    if (!found.isFile()) return fault('unsafe')
    fd = openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY)
    const opened = fstatSync(fd)
    if (!opened.isFile() || !isTrusted(opened)) return fault('unsafe')
    if (opened.size > fileMax) return fault('too_large')
    const text = readAnnotations(fd)
    if (typeof text !== 'string') return text
    const pod = parse(text, names)
    if (pod === undefined) return { kind: 'other' }
    return pod === 'malformed' ? fault(pod) : { kind: 'pod', pod, names, created: opened.mtime }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    return code === 'ENOENT' ? missing : fault('unreadable')
  } finally {
    if (fd !== undefined) closeSync(fd)
  }
}

/** Undefined also without access: the root of the first process may be inaccessible. */
function existing(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false })
  } catch {
    return undefined
  }
}

/**
 * Whether only the runtime can have written the file. Other users could claim any pod: a process
 * named containerd-shim in a folder of theirs, whose child is in a control group of theirs.
 */
function isTrusted({ uid, mode }: Stats): boolean {
  const isOwn = uid === 0 || uid === process.getuid?.()
  return isOwn && (mode & (S_IWGRP | S_IWOTH)) === 0
}

function fault(kind: BundleFault): BundleAnswer {
  return { kind: 'fault', fault: kind }
}

/** JSON of the annotations; an answer if there are none. */
function readAnnotations(fd: number): string | BundleAnswer {
  const member = new TopLevelMember('annotations', annotationsMax)
  const piece = Buffer.allocUnsafe(pieceSize)
  const deadline = performance.now() + readMs
  for (let total = 0; !member.isDone; ) {
    const length = readSync(fd, piece, 0, pieceSize, null)
    if (length === 0) return fault('malformed')
    total += length
    if (total > fileMax || performance.now() > deadline) return fault('too_large')
    member.add(piece.subarray(0, length))
  }
  if (member.isTooLong) return fault('too_large')
  return member.text ?? { kind: 'other' }
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
