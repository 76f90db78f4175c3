import { broken } from './container.ts'

/** Functions of a kernel. */
export interface KernelFunctions {
  readonly symbols: ReadonlySet<string>
  /** Those that ftrace can trace; undefined if unknown. */
  readonly traceable: ReadonlySet<string> | undefined
}

const functionsMax = 1_000_000
const newline = 10
/** A name of the kernel; `?` is a part of none. */
const validName = /^[!-~]{1,512}$/

/**
 * One name a line, in order. The first line says whether traceable functions are known; others end
 * with `?` if they are not traceable.
 */
export function writeFunctions({ symbols, traceable }: KernelFunctions): Uint8Array {
  const lines = [...symbols]
    .filter((name) => validName.test(name) && !name.includes('?'))
    .sort()
    .map((name) => (!traceable || traceable.has(name) ? name : `${name}?`))
  return new TextEncoder().encode(`${[traceable ? 'traceable' : 'unknown', ...lines].join('\n')}\n`)
}

/** @throws KernelFileError KERNEL_FILE */
export function readFunctions(bytes: Uint8Array): KernelFunctions {
  // Splitting needs memory for each line.
  if (countLines(bytes) > functionsMax + 1) throw broken('it has too many functions')
  const [head, ...lines] = new TextDecoder().decode(bytes).split('\n')
  if ((head !== 'traceable' && head !== 'unknown') || lines.pop() !== '') {
    throw broken('its list of functions is incomplete')
  }
  const symbols = new Set<string>()
  const traceable = new Set<string>()
  for (const line of lines) {
    const name = line.endsWith('?') ? line.slice(0, -1) : line
    if (!validName.test(name)) throw broken('it has an invalid name of a function')
    symbols.add(name)
    if (name === line) traceable.add(name)
  }
  return { symbols, traceable: head === 'traceable' ? traceable : undefined }
}

function countLines(bytes: Uint8Array): number {
  let count = 0
  for (let at = 0; at < bytes.length; at++) if (bytes[at] === newline) count++
  return count
}
