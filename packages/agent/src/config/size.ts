import { AgentError } from '../error.ts'

const units = { K: 2 ** 10, M: 2 ** 20, G: 2 ** 30 }

/** Reads a number of bytes with an optional K, M or G (1024-based). @throws AgentError */
export function parseSize(option: string, text: string): number {
  const match = /^(\d+)([KMG])?$/i.exec(text)
  const unit = match?.[2]?.toUpperCase() as keyof typeof units | undefined
  const size = match ? Number(match[1]) * (unit ? units[unit] : 1) : Number.NaN
  if (Number.isSafeInteger(size)) return size
  throw new AgentError('AGENT_OPTION', `read option --${option}: '${text}' is no size such as 16M`)
}

/** The next power of two that the kernel takes as the size of a ring. */
export function ringSizeOf(bytes: number, pageSize: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(bytes, pageSize)))
}
