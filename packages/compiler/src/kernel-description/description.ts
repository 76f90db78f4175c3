import { broken, type Parts, packParts, unpackParts } from './container.ts'
import type { KernelFacts } from './facts.ts'
import { type KernelFunctions, readFunctions, writeFunctions } from './function-list.ts'
import { readFacts } from './read-facts.ts'

/**
 * A kernel as the compiler needs it: what `tetragon kernel describe` finds out on a node. It has no
 * addresses, no names of the machine and nothing about processes.
 */
export interface KernelDescription {
  readonly facts: KernelFacts
  readonly functions: KernelFunctions
  /** The kernel's types. */
  readonly btf: Uint8Array
  /** Types of described modules, whose functions are among those of the kernel. */
  readonly modules: ReadonlyMap<string, Uint8Array>
}

const moduleBtf = 'btf:'

/** The bytes of a file. Equal descriptions have equal content. */
export function encodeKernel({
  facts,
  functions,
  btf,
  modules,
}: KernelDescription): Promise<Uint8Array> {
  const parts = new Map<string, Uint8Array>([
    ['facts', new TextEncoder().encode(JSON.stringify(facts))],
    ['functions', writeFunctions(functions)],
    ['btf', btf],
  ])
  for (const name of [...modules.keys()].sort())
    parts.set(`${moduleBtf}${name}`, modules.get(name)!)
  return packParts(parts)
}

/**
 * Reads a file, whose content may be hostile. Types are checked when they are used.
 * @param max size of the content: reading it needs memory for it
 * @throws KernelFileError
 */
export async function decodeKernel(file: Uint8Array, max?: number): Promise<KernelDescription> {
  const parts = await unpackParts(file, max)
  const modules = [...parts.keys()].filter((name) => name.startsWith(moduleBtf))
  return {
    facts: readFacts(new TextDecoder().decode(part(parts, 'facts'))),
    functions: readFunctions(part(parts, 'functions')),
    btf: part(parts, 'btf'),
    modules: new Map(modules.map((name) => [name.slice(moduleBtf.length), part(parts, name)])),
  }
}

function part(parts: Parts, name: string): Uint8Array {
  const found = parts.get(name)
  if (!found) throw broken(`it has no part ${name}`)
  return found
}
