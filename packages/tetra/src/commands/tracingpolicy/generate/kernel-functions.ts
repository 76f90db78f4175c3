import { readFile } from 'node:fs/promises'
import { parseTraceable, readFunctionNames } from '@tetragon-ts/ebpf/kallsyms'

const traceable = [
  '/sys/kernel/tracing/available_filter_functions',
  '/sys/kernel/debug/tracing/available_filter_functions',
]
const symbols = '/proc/kallsyms'

/** Functions of the kernel of this machine. */
export interface KernelFunctions {
  readonly names: readonly string[]
  readonly path: string
  /** Whether each of them is known to be traceable. */
  readonly areTraceable: boolean
}

/** Functions in the text of /proc/kallsyms, without compiler-generated ones. */
export function declaredFunctions(text: string): string[] {
  return [...readFunctionNames(text)].filter(
    (name) => /^\w+$/.test(name) && !/^__(pfx|cfi|kstrtab)_/.test(name),
  )
}

/** Reads the list of functions. @throws Error if neither list can be read */
export async function readKernelFunctions(): Promise<KernelFunctions> {
  for (const path of traceable) {
    const text = await readFile(path, 'latin1').catch(() => undefined)
    if (text !== undefined) return { names: parseTraceable(text), path, areTraceable: true }
  }
  try {
    const names = declaredFunctions(await readFile(symbols, 'latin1'))
    return { names, path: symbols, areTraceable: false }
  } catch (error) {
    throw new Error(`list the kernel's functions: ${(error as Error).message}`)
  }
}
