/** Kinds of types by the names used here (kernel: include/uapi/linux/btf.h, BTF_KIND_*). */
export const KIND = {
  void: 0,
  int: 1,
  ptr: 2,
  array: 3,
  struct: 4,
  union: 5,
  enum: 6,
  fwd: 7,
  typedef: 8,
  volatile: 9,
  const: 10,
  restrict: 11,
  func: 12,
  funcProto: 13,
  var: 14,
  datasec: 15,
  float: 16,
  declTag: 17,
  typeTag: 18,
  enum64: 19,
} as const

export type BtfKind = keyof typeof KIND

/** Kind names by number. */
export const KIND_NAMES = Object.keys(KIND) as readonly BtfKind[]

/** 32-bit words behind the three of struct btf_type, by kind; -1 where the kind is unknown. */
export const FIXED_WORDS: Int8Array = new Int8Array(32).fill(-1)
/** 32-bit words of each of the vlen entries, by kind. */
export const ENTRY_WORDS: Int8Array = new Int8Array(32)

for (const kind of Object.values(KIND)) if (kind !== KIND.void) FIXED_WORDS[kind] = 0
FIXED_WORDS[KIND.int] = 1
FIXED_WORDS[KIND.array] = 3
FIXED_WORDS[KIND.var] = 1
FIXED_WORDS[KIND.declTag] = 1
ENTRY_WORDS[KIND.struct] = 3
ENTRY_WORDS[KIND.union] = 3
ENTRY_WORDS[KIND.enum] = 2
ENTRY_WORDS[KIND.funcProto] = 2
ENTRY_WORDS[KIND.datasec] = 3
ENTRY_WORDS[KIND.enum64] = 3
