import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { type MapSpec, ringBuffer } from '@tetragon-ts/ebpf/maps'
import { type OpenMap, openPinnedMap } from '@tetragon-ts/ebpf/open-maps'
import { RingBufferReader } from '@tetragon-ts/ebpf/ringbuf'
import type { PinFolder } from '@tetragon-ts/ebpf/sys'
import { events, type LossKind, losses, lossKinds } from '@tetragon-ts/sensors'

/** Kinds of records that become events. */
const kinds: readonly LossKind[] = ['exec', 'fork', 'exit', 'running', 'data', 'hook']
/** Minimum size of a record in the ring. */
const smallest = 16

/** Pins the maps from which the next agent counts lost and unread records. */
export function pinRecordMaps(
  folder: PinFolder,
  maps: readonly Pick<OpenMap<unknown, unknown>, 'fd' | 'name'>[],
): void {
  for (const { fd, name } of maps) folder.add(fd, name)
}

/**
 * Records that an agent that has ended, and its programs after it, lost or did not read.
 * @param path folder of its pins
 * @param ringSize of this agent, in bytes: rings of another size are not read
 * @param warn gets a message if they cannot be counted
 */
export function unreadRecords(
  path: string,
  ringSize: number,
  warn: (message: string) => void,
): number {
  try {
    return lostIn(path) + unreadIn(path, ringSize)
  } catch (error) {
    warn(`count records of an earlier agent: ${(error as Error).message}`)
    return 0
  }
}

function lostIn(path: string): number {
  using map = openPinnedMap(losses, pinOf(path, losses))
  const counts = kinds.map((kind) => Number(map.lookup(lossKinds.indexOf(kind)) ?? 0n))
  return counts.reduce((sum, count) => sum + count, 0)
}

function unreadIn(path: string, size: number): number {
  using map = openPinnedMap(ringBuffer(events.name, { size }), pinOf(path, events))
  const reader = new RingBufferReader(map.fd.number, size)
  try {
    return reader.read(() => {}, size / smallest)
  } finally {
    reader.close()
  }
}

/** @throws Error if there is none */
function pinOf(path: string, { name }: Pick<MapSpec, 'name'>): string {
  const pin = readdirSync(path).find((each) => each.endsWith(`-${name}`))
  if (pin === undefined) throw new Error(`${path} has no pin of ${name}`)
  return join(path, pin)
}
