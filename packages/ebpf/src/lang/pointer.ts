import { helper } from '../asm/index.ts'
import type { Builder } from './builder.ts'
import type { Base, Virtual } from './codegen/ir.ts'
import { loadDirectly, loadOpen, openAddress } from './direct-read.ts'
import { Int, type IntLike } from './int.ts'
import type { Layout, MemberType } from './layout.ts'

/**
 * How memory behind a pointer may be read.
 * - `typed`: the verifier knows the type, a load is one instruction and safe (tp_btf, fentry, …)
 * - `direct`: our own memory: map values, the stack, ring buffer space, a program's context
 * - `kernel`, `user`: any address; each read is a call of a probe-read helper, or for the kernel's
 *   memory a direct read where there are such
 */
export type Space = 'typed' | 'direct' | 'kernel' | 'user'

export interface Place {
  readonly builder: Builder
  readonly space: Space
  readonly base: Base
  /** The base as `openAddress` made it, where numbers in the kernel's memory are read so. */
  readonly open?: Virtual | undefined
  readonly offset: number
  readonly layout: Layout
  /** Set while the result of a lookup has not been compared with null. */
  nullable: boolean
}

declare const pointer: unique symbol

/** A pointer to a structure: fields are properties, reading one emits the load. */
export type Ptr<T> = T & { readonly [pointer]: T }

/** An array inside a structure. */
export interface Elements<E> {
  readonly length: number
  at(index: number): E
}

/**
 * What the kernel side sees of a value that user space sees as `V` (a record's plain object, a
 * number): integers become {@link Int}, records become places.
 */
export type View<V> = V extends number | bigint
  ? Int
  : V extends readonly number[]
    ? Elements<Int>
    : V extends Uint8Array
      ? Int
      : Ptr<{ readonly [K in keyof V]: View<V[K]> }>

/** What the kernel side may give for a value that user space sees as `V`. */
export type Input<V> = V extends number | bigint
  ? IntLike
  : V extends readonly number[]
    ? readonly IntLike[]
    : V extends Uint8Array
      ? IntLike
      : { readonly [K in keyof V]?: Input<V[K]> } | Ptr<{ readonly [K in keyof V]: View<V[K]> }>

/** The value of a map entry: a record's fields, or for a plain integer the one field `value`. */
export type ValueView<V> = V extends number | bigint
  ? { readonly value: Int }
  : { readonly [K in keyof V]: View<V[K]> }

/** What `assign` takes for the fields of a place. */
export type AssignInput<V> = {
  readonly [K in keyof V]?: V[K] extends Int
    ? IntLike
    : V[K] extends { at(index: number): Int }
      ? readonly IntLike[]
      : V[K] extends object
        ? AssignInput<V[K]> | V[K]
        : IntLike
}

const places = new WeakMap<object, Place>()

/** Makes the object whose properties are the fields at a place. */
export function makePointer<T>(to: Place): Ptr<T> {
  const place = isOpened(to) ? { ...to, open: openAddress(to.builder, to.base) } : to
  const proxy = new Proxy(place, {
    get(_, name) {
      return typeof name === 'string' ? readField(place, name) : undefined
    },
    set(_, name) {
      return place.builder.fail(`${String(name)} is assigned with k.assign(pointer, { … })`)
    },
  })
  places.set(proxy, place)
  // Its members are those of the kernel's structure, which `get` makes when they are read.
  return proxy as unknown as Ptr<T>
}

/** Whether reads go through a cast of the base that was not made yet. */
function isOpened(place: Place): place is Place & { readonly base: Virtual } {
  return place.space === 'kernel' && place.open === undefined && typeof place.base === 'number'
}

/** The place behind a pointer made by {@link makePointer}; undefined for anything else. */
export function placeOf(value: unknown): Place | undefined {
  return typeof value === 'object' && value !== null ? places.get(value) : undefined
}

/**
 * Where a field lies and what it holds.
 * @throws LanguageError if there is none, or the pointer may be null
 */
export function memberOf(place: Place, name: string): { offset: number; type: MemberType } {
  const { builder, layout } = place
  if (place.nullable) {
    builder.fail(`${layout.name}.${name} is used before the pointer was compared with null`)
  }
  const member = layout.member(name)
  if (!member) return builder.fail(`${layout.name} has no field ${name} on this kernel`)
  return { offset: place.offset + member.offset, type: member.type }
}

function readField(place: Place, name: string): unknown {
  const { offset, type } = memberOf(place, name)
  const path = `${place.layout.name}.${name}`
  const inner = mayBeNull.has(path) ? 'kernel' : undefined
  return place.builder.noted(path, () => readMember(place, offset, type, inner))
}

/**
 * Pointers that newer verifiers do not let programs go through before they are compared with null
 * (BTF_TYPE_SAFE_RCU_OR_NULL and BTF_TYPE_SAFE_TRUSTED_OR_NULL in kernel/bpf/verifier.c). The
 * memory that they point at is read with probe reads.
 */
const mayBeNull: ReadonlySet<string> = new Set([
  'dentry.d_inode',
  'mm_struct.exe_file',
  'mm_struct.owner',
  'request_sock.sk',
  'sk_buff.sk',
  'socket.sk',
  'vm_area_struct.vm_file',
  'vm_area_struct.vm_mm',
])

/** The value of a member: an integer or pointer is loaded now, what is embedded is a place. */
function readMember(
  place: Place,
  offset: number,
  type: MemberType,
  inner: Space | undefined = undefined,
): unknown {
  const { builder, space } = place
  switch (type.kind) {
    case 'int': {
      const value = new Int(builder, loadAt(place, offset, type.size))
      if (!type.bits) return value
      return value.shiftRight(type.bits.shift).and((1n << BigInt(type.bits.width)) - 1n)
    }
    case 'pointer': {
      const loaded = loadAt(place, offset, 8)
      const register = inner === 'kernel' && space === 'typed' ? asNumber(builder, loaded) : loaded
      if (!type.to) return new Int(builder, register)
      const to = inner ?? (space === 'direct' ? 'kernel' : space)
      return makePointer({
        builder,
        space: to,
        base: register,
        offset: 0,
        layout: type.to,
        nullable: false,
      })
    }
    case 'struct':
      return makePointer({ ...place, offset, layout: type.layout })
    case 'array': {
      const { element, stride, length } = type
      const elements: Elements<unknown> = {
        length,
        at(index) {
          if (index >= length && length > 0) builder.fail(`element ${index} of ${length}`)
          return readMember(place, offset + index * stride, element)
        },
      }
      return elements
    }
  }
}

/**
 * The address that a typed pointer holds, as a number: the verifier forgets what it is. Swapped
 * twice all bytes are where they were.
 */
export function asNumber(builder: Builder, pointer: Virtual): Virtual {
  const swapped = builder.register()
  builder.emit({ op: 'byte-swap', dst: swapped, src: pointer, bits: 64 })
  const dst = builder.register()
  builder.emit({ op: 'byte-swap', dst, src: swapped, bits: 64 })
  return dst
}

/** Loads an integer of `size` bytes into a new register, the way the place's memory allows. */
export function loadAt(place: Place, offset: number, size: 1 | 2 | 4 | 8): Virtual {
  const { builder, space, base } = place
  if (space === 'typed' || space === 'direct') {
    const dst = builder.register()
    builder.emit({ op: 'load', dst, size, base, offset })
    return dst
  }
  const bytes = builder.directRead?.bytes
  // An instruction holds an offset of 16 bits: members further on are read by their own address.
  if (bytes && place.open !== undefined && bytes.offset + offset < 2 ** 15) {
    return loadOpen(builder, bytes, place.open, offset, size)
  }
  const address = addressOf(place, offset)
  if (space === 'kernel') return loadKernel(builder, address, size)
  return loadWithHelper(builder, helper.probe_read_user, address, size)
}

/** Loads a number at any kernel address; 0 where that cannot be read. */
export function loadKernel(builder: Builder, address: Virtual, size: 1 | 2 | 4 | 8): Virtual {
  const { directRead } = builder
  if (directRead) return loadDirectly(builder, directRead, address, size)
  return loadWithHelper(builder, helper.probe_read_kernel, address, size)
}

function loadWithHelper(
  builder: Builder,
  read: number,
  address: Virtual,
  size: 1 | 2 | 4 | 8,
): Virtual {
  const slot = builder.slot(8)
  const args = [{ slot, at: 0 }, { constant: size }, address]
  builder.emit({ op: 'call', helper: read, args })
  const dst = builder.register()
  builder.emit({ op: 'load', dst, size, base: slot, offset: 0 })
  return dst
}

/** The address of a place, plus `offset` bytes, in a register. */
export function addressOf(place: Place, offset: number = place.offset): Virtual {
  const { builder, base } = place
  if (typeof base === 'number') {
    if (offset === 0) return base
    const dst = builder.register()
    builder.emit({ op: 'alu', fn: 'add', bits: 64, dst, a: base, b: { constant: offset } })
    return dst
  }
  const dst = builder.register()
  builder.emit({ op: 'slot-address', dst, slot: base, at: offset })
  return dst
}
