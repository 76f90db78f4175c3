import { readFile } from 'node:fs/promises'

const traceable = [
  '/sys/kernel/tracing/available_filter_functions',
  '/sys/kernel/debug/tracing/available_filter_functions',
]
const symbols = '/proc/kallsyms'

/** Functions of the kernel of this machine. */
export interface KernelFunctions {
  readonly names: readonly string[]
  readonly path: string
  /** Whether it is known that each of them can be traced. */
  readonly areTraceable: boolean
}

/** Names of `NAME` and `NAME [module]` lines. */
export function parseFilterFunctions(text: string): string[] {
  return [...text.matchAll(/^([\w.]+)(?:\s|$)/gm)].map(([, name]) => name)
}

/**
 * Names of the functions among the lines of kallsyms; those that compilers made up are left out.
 */
export function parseSymbols(text: string): string[] {
  const lines = text.matchAll(/^[0-9a-f]+ [tT] (\w+)(?:\t\[\w+\])?$/gm)
  return [...lines].map(([, name]) => name).filter((name) => !/^__(pfx|cfi|kstrtab)_/.test(name))
}

/** Reads which functions there are. @throws Error if neither list can be read */
export async function readKernelFunctions(): Promise<KernelFunctions> {
  for (const path of traceable) {
    const text = await readFile(path, 'latin1').catch(() => undefined)
    if (text !== undefined) return { names: parseFilterFunctions(text), path, areTraceable: true }
  }
  try {
    const names = parseSymbols(await readFile(symbols, 'latin1'))
    return { names, path: symbols, areTraceable: false }
  } catch (error) {
    throw new Error(`list the kernel's functions: ${(error as Error).message}`)
  }
}
