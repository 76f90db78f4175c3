/**
 * What a symbol stands for. `function`: its code. `ifunc`: the resolver, which the dynamic linker
 * calls once to choose the function (STT_GNU_IFUNC); the address of the chosen one is not in the
 * file. `plt`: the stub through which a program calls a function of a library; its name ends in
 * `@plt`. `object`: a variable; only `SymbolTable`s of variables have it.
 */
export type ElfSymbolKind = (typeof symbolKinds)[number]

/** In the order of their numbers in a {@link SymbolSet}. */
export const symbolKinds = ['function', 'ifunc', 'plt', 'object'] as const

/** A symbol that a file defines. */
export interface ElfSymbol {
  readonly name: string
  /** Virtual address in the file: `ElfFile.offsetOf` translates it. */
  readonly address: number
  /** Bytes; 0 if unknown, as for some functions in assembly. */
  readonly size: number
  readonly kind: ElfSymbolKind
  /** The version of a library's symbol, such as `GLIBC_2.14`; undefined without one. */
  readonly version?: string
  /** Whether programs that are linked today get this version (`@@`). Only with a version. */
  readonly isDefault?: boolean
}
