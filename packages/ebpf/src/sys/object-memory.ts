const ringBufferType = 27

/**
 * Bytes of kernel memory of a map or program, from the text of its descriptor in /proc/…/fdinfo.
 * Exact up to 5.10 and from 6.4 on. In between the kernel gives entries times size for maps, which
 * is 0 for a ring buffer: its data alone is what this gives then.
 * @returns undefined where the kernel says nothing
 */
export function objectMemory(fdinfo: string): number | undefined {
  const memory = numberOf(fdinfo, 'memlock')
  const isUnknownRing = memory === 0 && numberOf(fdinfo, 'map_type') === ringBufferType
  return isUnknownRing ? numberOf(fdinfo, 'max_entries') : memory
}

function numberOf(fdinfo: string, name: string): number | undefined {
  const found = new RegExp(`^${name}:\\s*(\\d+)`, 'm').exec(fdinfo)
  return found ? Number(found[1]) : undefined
}
