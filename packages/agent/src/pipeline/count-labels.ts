import { type SyscallAbi, syscallName } from '@tetragon-ts/api'

const bit32 = 2 ** 31
const field = ',"binary":"'

/**
 * The binary in a process's JSON, without quotes. No text in it looks like the begin of a field.
 */
export function binaryOf(image: string): string {
  const from = image.indexOf(field) + field.length
  if (from < field.length) return ''
  let to = image.indexOf('"', from)
  while (isEscaped(image, to)) to = image.indexOf('"', to + 1)
  return image.slice(from, to)
}

/** Whether an odd number of backslashes is before. */
function isEscaped(text: string, at: number): boolean {
  let before = at
  while (text.charCodeAt(before - 1) === 0x5c) before--
  return (at - before) % 2 === 1
}

/** What such a piece of JSON says. */
export function textOf(json: string): string {
  const text = Buffer.from(json, 'latin1').toString('utf8')
  return text.includes('\\') ? (JSON.parse(`"${text}"`) as string) : text
}

const abis: readonly [SyscallAbi, SyscallAbi] =
  process.arch === 'arm64' ? ['arm64', 'arm32'] : ['x64', 'i386']

/** Name of a system call; bit 31 marks those of 32-bit programs. */
export function callName(number: number): string {
  const is32 = number >= bit32
  const id = is32 ? number - bit32 : number
  return `sys_${syscallName(abis[is32 ? 1 : 0], id) ?? id}`
}
