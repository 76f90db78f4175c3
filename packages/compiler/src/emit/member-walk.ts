import type { Btf } from '@tetragon-ts/ebpf/btf'
import { type Code, Int, type Ptr } from '@tetragon-ts/ebpf/lang'
import type { Argument, Hook } from '@tetragon-ts/policy'
import type { FollowedSteps } from '../arguments/argument-type.ts'
import { argumentType } from '../arguments/index.ts'
import { asInt, type Hit, type Raw } from '../hook/hit.ts'
import { isError, readOrWait } from '../hook/memory.ts'
import { findMembers, type MemberPath, type PathStep } from '../plan/member-path.ts'
import { startType } from '../plan/parameter-types.ts'

/** A parameter whose type the policy specifies, used without members. */
export function castIfNamed(hit: Hit, start: Raw, argument: Argument, hook: Hook): Raw {
  if (argument.btfType === undefined) return start
  const { k } = hit
  const type = startType(k.target.btf, hook, argument)
  if (!type || 'message' in type) return start
  const structId = type.btf.resolve(type.typeId)
  const isStruct = ['struct', 'union'].includes(type.btf.kind(structId))
  return isStruct ? k.castTo(type.btf, structId, asInt(k, start)) : start
}

/** What a member path leads to. */
interface Followed {
  readonly raw: Raw
  readonly steps: FollowedSteps
}

/** Follows the members of an argument from where it starts. */
export function followMembers(hit: Hit, start: Raw, argument: Argument, hook: Hook): Followed {
  const path = pathFrom(hit.k, start, argument, hook)
  const expectsNumber = argumentType(argument.type).expects.kind === 'number'
  return new Walk(hit, path, expectsNumber).follow(start)
}

/** Location of the members, which were checked before. */
function pathFrom(k: Code, start: Raw, argument: Argument, hook: Hook): MemberPath {
  const { btf } = k.target
  const declared = startType(btf, hook, argument)
  const type = declared && !('message' in declared) ? declared : ownType(k, start)
  const path = type && findMembers(type.btf, type.typeId, argument.resolve)
  if (!path || 'message' in path) throw new Error(`${argument.path}: members were not checked`)
  return path
}

function ownType(k: Code, start: Raw): { btf: Btf; typeId: number } | undefined {
  const { btf } = k.target
  if (!isPointer(start)) return undefined
  const typeId = btf.find(k.pointee(start).struct, ['struct', 'union'])
  return typeId === undefined ? undefined : { btf, typeId }
}

function isPointer(raw: unknown): raw is Ptr<object> {
  return !(raw instanceof Int)
}

/** Shared by further steps. */
const lastBit = 63

/** Emits the code that follows members: typed loads as far as the verifier knows the types. */
class Walk {
  readonly #hit: Hit
  readonly #k: Code
  readonly #path: MemberPath
  readonly #expectsNumber: boolean
  readonly #starts: { readonly address: Int; readonly step: number }[] = []
  #failed: Int | undefined

  constructor(hit: Hit, path: MemberPath, expectsNumber: boolean) {
    this.#hit = hit
    this.#k = hit.k
    this.#path = path
    this.#expectsNumber = expectsNumber
  }

  follow(start: Raw): Followed {
    const k = this.#k
    const { steps, structId, btf } = this.#path
    const type = btf.type(structId)
    const isTyped =
      isPointer(start) &&
      k.pointee(start).typed &&
      'name' in type &&
      k.pointee(start).struct === type.name
    const raw = isTyped ? this.#typed(start) : this.#read(asInt(k, start), steps, 0)
    return { raw, steps: { failed: this.#failed, starts: this.#starts } }
  }

  /** Typed loads; a null pointer on the way results in 0 and is recorded. */
  #typed(start: Ptr<object>): Raw {
    const k = this.#k
    const { steps } = this.#path
    let pointer = start
    let value: unknown = start
    let offset = 0
    for (let at = 0; at < steps.length; at++) {
      const { step, throughPointer } = steps[at]
      if (at === 0 || throughPointer) {
        if (at > 0) {
          // A pointer to a type without members in BTF: from now on by address.
          if (value instanceof Int) return this.#read(value, steps.slice(at), at)
          pointer = value as Ptr<object>
        }
        if (typeof step === 'number') {
          return this.#read(k.number(pointer), steps.slice(at), at)
        }
        offset = 0
        this.#starts.push({ address: k.address(pointer), step: at })
      }
      offset += steps[at].offset
      value =
        typeof step === 'number'
          ? (value as { at(index: number): unknown }).at(step)
          : (value as Record<string, unknown>)[step]
    }
    const last = steps[steps.length - 1]
    if (value instanceof Int) return this.#extended(value, last)
    const isArray = this.#path.btf.kind(last.typeId) === 'array'
    return isArray ? k.address(pointer).add(offset) : this.#structure(value as Ptr<object>)
  }

  /** Reads by address, kernel or user memory, each with a checked result. */
  #read(start: Int, steps: readonly PathStep[], first: number): Raw {
    const k = this.#k
    const { btf } = this.#path
    let address = start
    steps.forEach(({ offset, throughPointer }, i) => {
      if (throughPointer && i > 0) address = this.#load(address, 8, first + i - 1)
      if (offset > 0) address = address.add(offset)
    })
    const last = steps[steps.length - 1]
    const at = first + steps.length - 1
    const type = btf.type(last.typeId)
    switch (type.kind) {
      case 'struct':
      case 'union':
        return this.#structure(k.castTo(btf, last.typeId, address))
      case 'array':
        return address
      case 'ptr': {
        const target = btf.resolve(type.typeId)
        const value = this.#load(address, 8, at)
        const isStruct = ['struct', 'union'].includes(btf.kind(target))
        return isStruct ? k.castTo(btf, target, value) : value
      }
      default: {
        const size = btf.sizeOf(last.typeId) as 1 | 2 | 4 | 8
        const value = this.#load(address, size, at)
        if (!last.bits) return this.#extended(value, last)
        const { shift, width } = last.bits
        return value.shiftRight(shift).and((1n << BigInt(width)) - 1n)
      }
    }
  }

  /** A structure at the end of the path that contains a number is read as that number. */
  #structure(found: Ptr<object>): Raw {
    const { steps, btf } = this.#path
    const { typeId } = steps[steps.length - 1]
    const size = btf.sizeOf(typeId)
    const isEmbedded = btf.kind(typeId) !== 'ptr'
    if (!this.#expectsNumber || !isEmbedded || !isNumberSize(size)) return found
    return this.#load(this.#k.address(found), size, steps.length - 1)
  }

  #load(address: Int, size: 1 | 2 | 4 | 8, step: number): Int {
    const k = this.#k
    const memory = k.stackBytes(8)
    memory.store(8, 0, 0)
    const result = readOrWait(this.#hit, memory, size, address)
    const failed = isError(result).shiftLeft(Math.min(step, lastBit))
    this.#failed = this.#failed ? this.#failed.or(failed) : failed
    return memory.load(size)
  }

  /** Sign-extends a signed member of fewer than 64 bits. */
  #extended(value: Int, { typeId, bits }: PathStep): Int {
    const { btf } = this.#path
    const type = btf.type(typeId)
    const isSigned = (type.kind === 'int' || type.kind === 'enum') && type.signed
    const size = btf.sizeOf(typeId)
    return isSigned && !bits && size < 8 ? value.signed((size * 8) as 8 | 16 | 32) : value
  }
}

function isNumberSize(size: number): size is 1 | 2 | 4 | 8 {
  return size === 1 || size === 2 || size === 4 || size === 8
}
