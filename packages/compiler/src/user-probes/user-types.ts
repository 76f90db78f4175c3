import { Btf, VMLINUX_BTF } from '@tetragon-ts/ebpf/btf'
import type { UserHook } from '@tetragon-ts/policy'
import type { UserFile } from './user-file.ts'

/** Bytes of the types of a program. */
const typesMax = 1 << 26
/** BTF_MAGIC in include/uapi/linux/btf.h. */
const magic = 0xeb9f

const known = new WeakMap<UserHook, Btf>()

/** The types of a hook's program, if {@link loadUserTypes} has found some. */
export function userTypes(user: UserHook): Btf | undefined {
  return known.get(user)
}

/**
 * Reads the types that member paths of a hook's arguments need: from its `btfPath`, a file of BTF
 * (also the kernel's) or a program that contains it (gcc -gbtf, pahole -J), or from the program
 * itself.
 * @throws BtfError, ElfError, Error if there are none
 */
export function loadUserTypes(user: UserHook, file: UserFile): void {
  if (file.path === VMLINUX_BTF) {
    // Shared with the compiler, and freed with its types.
    known.set(user, Btf.open())
    return
  }
  const bytes = isBtf(file) ? file.read(typesMax) : file.elf.section('.BTF', typesMax)
  if (!bytes) throw new Error(`read types of ${file.path}: it has no section .BTF`)
  known.set(user, Btf.parse(bytes))
}

function isBtf(file: UserFile): boolean {
  const beginning = file.read(2)
  return beginning.length === 2 && beginning[0] + beginning[1] * 256 === magic
}
