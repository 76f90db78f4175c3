import { HEAD_WORDS } from './decode.ts'
import { BtfError } from './error.ts'
import type { BtfImage } from './image.ts'
import { KIND, KIND_NAMES } from './kind.ts'

/** Longest chain of references that is followed; the kernel allows 32. */
export const MAX_DEPTH = 64

const POINTER_SIZE = 8

/** Skips typedefs, qualifiers and type tags. EBPF_BTF_CYCLE when that does not end. */
export function resolveType(image: BtfImage, id: number): number {
  let current = id
  for (let depth = 0; depth < MAX_DEPTH; depth++) {
    switch (image.kind(current)) {
      case KIND.typedef:
      case KIND.const:
      case KIND.volatile:
      case KIND.restrict:
      case KIND.typeTag:
        current = image.word(current, 2)
        break
      default:
        return current
    }
  }
  throw new BtfError('EBPF_BTF_CYCLE', `resolve BTF type ${id}: more than ${MAX_DEPTH} references`)
}

/** Bytes of a value of the type. EBPF_BTF_NO_SIZE for void, functions and forward declarations. */
export function sizeOfType(image: BtfImage, id: number): number {
  let current = id
  let count = 1
  for (let depth = 0; depth < MAX_DEPTH; depth++) {
    current = resolveType(image, current)
    const kind = image.kind(current)
    switch (kind) {
      case KIND.ptr:
        return checkedSize(id, count * POINTER_SIZE)
      case KIND.array:
        count *= image.word(current, HEAD_WORDS + 2)
        current = image.word(current, HEAD_WORDS)
        break
      case KIND.var:
        current = image.word(current, 2)
        break
      case KIND.int:
      case KIND.struct:
      case KIND.union:
      case KIND.enum:
      case KIND.enum64:
      case KIND.float:
      case KIND.datasec:
        return checkedSize(id, count * image.word(current, 2))
      default:
        throw new BtfError(
          'EBPF_BTF_NO_SIZE',
          `measure BTF type ${id}: ${KIND_NAMES[kind]} has no size`,
        )
    }
  }
  throw new BtfError('EBPF_BTF_CYCLE', `measure BTF type ${id}: more than ${MAX_DEPTH} references`)
}

function checkedSize(id: number, size: number): number {
  if (Number.isSafeInteger(size)) return size
  throw new BtfError('EBPF_BTF_NO_SIZE', `measure BTF type ${id}: its size is absurd`)
}
