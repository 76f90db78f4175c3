import type { BigIntStats } from 'node:fs'
import { descriptorSource, ElfFile } from '@tetragon-ts/ebpf/elf'
import { type FileMapping, type MappedFile, useMappedFile } from './mapped-file.ts'

/** A mapped file whose build id the kernel did not report. Plain data. */
export interface BuildIdQuestion {
  readonly id: number
  readonly mapping: FileMapping
  /** Milliseconds since 1970. */
  readonly mappedAt: number
}

/** Maximum number of cached build ids. */
const cacheMax = 4096
/** Milliseconds by which times of files may lag behind the clock: a tick. */
const tickMs = 20

const cache = new Map<string, Uint8Array | undefined>()

/**
 * Reads the build id of a mapped file: through the mapping if it still exists, or at its path.
 * The file at the path is another one if its device or inode differ, and it may be if its inode was
 * changed since: then the answer is undefined, as for files without a build id.
 */
export function findBuildId(procfs: string, question: BuildIdQuestion): Uint8Array | undefined {
  const { mapping, mappedAt } = question
  const isUnchanged = ({ ctimeMs }: BigIntStats): boolean => Number(ctimeMs) < mappedAt - tickMs
  const id = useMappedFile(procfs, mapping, isUnchanged, cached)
  return id === 'other' ? undefined : id
}

/** Every change of a file changes its ctime. */
function cached({ descriptor, stats }: MappedFile): Uint8Array | undefined {
  const key = [stats.dev, stats.ino, stats.size, stats.ctimeNs].join(' ')
  if (cache.has(key)) return cache.get(key)
  const id = buildIdOf(descriptor)
  if (cache.size >= cacheMax) cache.delete(cache.keys().next().value as string)
  cache.set(key, id)
  return id
}

function buildIdOf(descriptor: number): Uint8Array | undefined {
  try {
    return ElfFile.read(descriptorSource(descriptor)).buildId
  } catch {
    // No ELF file, or damaged, or unreadable.
    return undefined
  }
}
