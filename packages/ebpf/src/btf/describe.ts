import { HEAD_WORDS } from './decode.ts'
import { BtfError } from './error.ts'
import type { BtfImage } from './image.ts'
import { KIND } from './kind.ts'

/** Types that one description may name; only broken BTF needs more. */
const MAX_PARTS = 1000

/**
 * The type as C writes it: `struct task_struct *`, `const char *`, `int (*)(struct sock *, int)`,
 * `char [16]`, `struct (anonymous)`.
 */
export function describeType(image: BtfImage, id: number): string {
  let parts = 0

  const describe = (id: number, inner: string): string => {
    if (++parts > MAX_PARTS) {
      throw new BtfError('EBPF_BTF_CYCLE', 'describe BTF type: it contains itself or is absurd')
    }
    if (id === 0) return joined('void', inner)
    const name = image.string(image.word(id, 0))
    const third = image.word(id, 2)
    switch (image.kind(id)) {
      case KIND.ptr: {
        const pointer = `*${inner}`
        return describe(third, bindsTighter(image, third) ? `(${pointer})` : pointer)
      }
      case KIND.const:
        return qualified('const', third, inner)
      case KIND.volatile:
        return qualified('volatile', third, inner)
      case KIND.restrict:
        return qualified('restrict', third, inner)
      case KIND.typeTag:
        return describe(third, inner)
      case KIND.array: {
        const length = image.word(id, HEAD_WORDS + 2)
        return describe(image.word(id, HEAD_WORDS), `${inner}[${length === 0 ? '' : length}]`)
      }
      case KIND.struct:
        return joined(`struct ${name || '(anonymous)'}`, inner)
      case KIND.union:
        return joined(`union ${name || '(anonymous)'}`, inner)
      case KIND.enum:
      case KIND.enum64:
        return joined(`enum ${name || '(anonymous)'}`, inner)
      case KIND.fwd:
        return joined(`${image.kindFlag(id) ? 'union' : 'struct'} ${name}`, inner)
      case KIND.funcProto:
        return describe(third, `${inner}(${parameters(id)})`)
      case KIND.func:
      case KIND.var:
        return describe(third, name + inner)
      default:
        return joined(name, inner)
    }
  }

  // A qualifier of a pointer stands behind the star, one of anything else before the type.
  const qualified = (word: string, id: number, inner: string): string =>
    id !== 0 && image.kind(id) === KIND.ptr
      ? describe(id, inner === '' ? ` ${word}` : ` ${word} ${inner.trimStart()}`)
      : `${word} ${describe(id, inner)}`

  const parameters = (id: number): string => {
    const params: string[] = []
    const count = image.entries(id)
    for (let index = 0; index < count; index++) {
      const typeId = image.word(id, HEAD_WORDS + index * 2 + 1)
      params.push(typeId === 0 ? '...' : describe(typeId, ''))
    }
    return params.join(', ') || 'void'
  }

  return describe(id, '')
}

function joined(base: string, inner: string): string {
  return inner === '' ? base : `${base} ${inner.trimStart()}`
}

/** Whether `*` needs parentheses before this type: skips qualifiers of functions and arrays. */
function bindsTighter(image: BtfImage, id: number): boolean {
  const kind = image.kind(id)
  return kind === KIND.array || kind === KIND.funcProto
}
