import type { UserFile } from '../user-probes/index.ts'

/** A program of user space of which only this is known: everything else is an error. */
export function describedFile(known: Partial<Pick<UserFile, 'elf' | 'usdtProbes'>>): UserFile {
  const unknown = (): never => {
    throw new Error('a described file has no content')
  }
  return {
    path: '/described',
    get elf() {
      return known.elf ?? unknown()
    },
    get usdtProbes() {
      return known.usdtProbes ?? unknown()
    },
    read: unknown,
    digest: unknown,
    [Symbol.dispose]() {},
  }
}
