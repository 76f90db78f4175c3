import { fstat, ftruncate, read, write } from './pool.ts'

const newline = 0x0a
const step = 1 << 16
/** The start of an event. */
const ownStart = Buffer.from('{"')

/**
 * Repairs the last line of a file after the program that wrote it was killed: a partial event is
 * removed, any other line gets its missing newline.
 * @param fd open for reading and writing
 * @returns number of removed lines
 * @throws Error of the file system
 */
export async function mendLastLine(fd: number): Promise<number> {
  const { size } = await fstat(fd)
  const chunk = Buffer.alloc(step)
  let end = size
  while (end > 0) {
    const from = Math.max(0, end - step)
    const { bytesRead: length } = await read(fd, chunk, 0, end - from, from)
    const at = chunk.subarray(0, length).lastIndexOf(newline)
    if (at < 0) {
      end = from
      continue
    }
    end = from + at + 1
    break
  }
  if (end === size) return 0
  const { bytesRead: length } = await read(fd, chunk, 0, ownStart.length, end)
  if (chunk.subarray(0, length).equals(ownStart.subarray(0, length))) {
    await ftruncate(fd, end)
    return 1
  }
  await write(fd, Buffer.from('\n'), 0, 1)
  return 0
}
