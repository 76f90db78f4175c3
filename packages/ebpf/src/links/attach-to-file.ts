import type { Hook, UserPlace } from '../lang/index.ts'
import type { Attachable, Link } from './link.ts'
import { attachUprobe } from './uprobe.ts'
import { attachUprobeMulti } from './uprobe-multi.ts'

/** A file of user space. */
export interface UserFilePath {
  /** By which the kernel opens it, such as `/proc/self/fd/5`. */
  readonly path: string
  /** In messages. */
  readonly shown: string
}

/**
 * Attaches a program of a hook in user space, `uprobe` or `uretprobe`, to places of a file.
 * @throws SystemCallError, EbpfError EBPF_NO_EVENT_SOURCE, EBPF_COUNTER_OFFSET; then nothing stays
 * attached
 */
export function attachToFile(
  { attachment }: Pick<Hook, 'attachment'>,
  program: Attachable,
  { path, shown }: UserFilePath,
  places: readonly UserPlace[],
): Link[] {
  if (attachment.at !== 'files') throw new TypeError(`attach to ${shown}: not a hook of user space`)
  const { multi, atReturn } = attachment
  if (multi) {
    const link = attachUprobeMulti(program, path, {
      offsets: places.map(({ offset }) => offset),
      cookies: places.flatMap(({ cookie }) => cookie ?? []),
      counterOffsets: places.map(({ counterOffset = 0 }) => counterOffset),
      atReturn,
      shown,
    })
    return [link]
  }
  const links: Link[] = []
  try {
    for (const { offset, counterOffset, cookie } of places) {
      const options = { atReturn, counterOffset, cookie, shown }
      links.push(attachUprobe(program, path, offset, options))
    }
  } catch (error) {
    for (const link of links) link.close()
    throw error
  }
  return links
}
