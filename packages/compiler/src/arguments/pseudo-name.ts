import { type Bytes, type Code, type Int, kernelStruct, type Ptr } from '@tetragon-ts/ebpf/lang'

/** include/uapi/linux/magic.h */
const magic = { sockets: 0x534f434b, pipes: 0x50495045, anonymous: 0x09041934 } as const

/** Fields of a file without a path that its name needs. */
const PseudoDentry = kernelStruct<{
  readonly d_name: { readonly len: Int; readonly name: Int }
  readonly d_inode: Ptr<{ readonly i_ino: Int }>
  readonly d_sb: Ptr<{ readonly s_magic: Int }>
}>('dentry')

const digits = 10
const longestName = 255

/**
 * Writes the name of a file without a path before `end`, as in /proc/PID/fd: `socket:[1234]`,
 * `pipe:[1234]`, `anon_inode:[eventpoll]`; for any other file `/name`.
 * @returns its start
 */
export function pseudoName(k: Code, dentry: Int, buffer: Bytes, end: number): Int {
  const { d_name, d_inode, d_sb } = k.cast(PseudoDentry, dentry)
  const kind = k.variable(d_sb.s_magic)
  const start = k.variable(end)
  k.when(
    kind.eq(magic.sockets).or(() => kind.eq(magic.pipes)),
    () => {
      buffer.store(1, end - 1, ']'.charCodeAt(0))
      start.set(writeDecimal(k, d_inode.i_ino, buffer, end - 1))
      k.when(
        kind.eq(magic.sockets),
        () => start.set(writeBefore(buffer, start, 'socket:[')),
        () => start.set(writeBefore(buffer, start, 'pipe:[')),
      )
    },
    () => {
      const length = d_name.len.and(longestName)
      k.when(length.ne(0), () => {
        start.set(k.constant(end).sub(length))
        k.readKernel(buffer.at(start.and(end - 1)), length, d_name.name)
        k.when(
          kind.eq(magic.anonymous),
          () => start.set(writeBefore(buffer, start, 'anon_inode:')),
          () => start.set(writeBefore(buffer, start, '/')),
        )
      })
    },
  )
  return start
}

/** Writes a number of at most ten digits before `end`. @returns its start */
function writeDecimal(k: Code, value: Int, buffer: Bytes, end: number): Int {
  const rest = k.variable(value.low32())
  const start = k.variable(end)
  k.loop(digits, (_, leave) => {
    start.set(start.sub(1))
    buffer.at(start.and(end)).store(1, 0, rest.mod(10).add('0'.charCodeAt(0)))
    rest.set(rest.div(10))
    k.when(rest.eq(0), leave)
  })
  return start
}

function writeBefore(buffer: Bytes, end: Int, text: string): Int {
  const start = end.sub(text.length)
  const to = buffer.at(start.and(4095))
  for (let i = 0; i < text.length; i++) to.store(1, i, text.charCodeAt(i))
  return start
}
