import type { MessageOf } from '../message.ts'
import { bool, many, message, nested, string, uint32 } from '../message.ts'

/** Messages about the kernel programs of a loaded policy, for the service `tetragonts.Inspect`. */

/** A map that a program refers to. */
export const AnnotatedMap = message('AnnotatedMap', {
  /** In the instructions of the program: `map[fd:1]`. */
  number: uint32(1),
  name: string(2),
  type: string(3),
  key_bytes: uint32(4),
  value_bytes: uint32(5),
  max_entries: uint32(6),
})
export type AnnotatedMap = MessageOf<typeof AnnotatedMap>

/** Successive instructions that implement one field of a policy. */
export const AnnotatedPart = message('AnnotatedPart', {
  /** Such as `spec.kprobes[0].selectors[1].matchArgs[0]`; empty: no field in particular. */
  field: string(1),
  /** Line of the field in the text of the policy. */
  line: uint32(2),
  /** In the notation of the verifier, without jump distances. */
  instructions: many(string(3)),
})
export type AnnotatedPart = MessageOf<typeof AnnotatedPart>

/** A kernel program of a policy. */
export const AnnotatedProgram = message('AnnotatedProgram', {
  name: string(1),
  /** Kind and target, such as `kprobe tcp_connect`. */
  attach_point: string(2),
  /** Instruction slots: constants of 64 bits need two. */
  instruction_slots: uint32(3),
  parts: many(nested(4, AnnotatedPart)),
  /** Number of instructions at the end that are omitted, because the program is too large. */
  omitted_instructions: uint32(5),
  maps: many(nested(6, AnnotatedMap)),
})
export type AnnotatedProgram = MessageOf<typeof AnnotatedProgram>

/** A back end that a hook cannot use, and why. */
export const RefusedBackend = message('RefusedBackend', { name: string(1), reason: string(2) })
export type RefusedBackend = MessageOf<typeof RefusedBackend>

/** A hook of a policy, or its functions with the same back end. */
export const AnnotatedHook = message('AnnotatedHook', {
  /** Field of the policy, such as `spec.kprobes[0]`. */
  path: string(1),
  /** Function or place, as the policy names it. */
  call: string(2),
  backend: string(3),
  /** Why the back end was chosen. */
  reason: string(4),
  /** How it differs from what the policy says. */
  difference: string(5),
  /** Functions of its list, the first ones. */
  functions: many(string(6)),
  omitted_functions: uint32(7),
  /** Better back ends. */
  refused: many(nested(8, RefusedBackend)),
  /** Why it has no programs. */
  note: string(9),
  /** In attach order. */
  programs: many(nested(10, AnnotatedProgram)),
  /** It is the last hook of the response before, with more programs. */
  continued: bool(11),
})
export type AnnotatedHook = MessageOf<typeof AnnotatedHook>

export const GetPolicyProgramsRequest = message('GetPolicyProgramsRequest', {
  name: string(1),
  namespace: string(2),
  /** Empty: policies that clients have added. */
  domain: string(3),
  /** Section of a hook, as in `HookStatus`; empty: all hooks. */
  section: string(4),
  /** Position of the hook in its section, as in `HookStatus`. */
  hook_idx: uint32(5),
  /** `next_position` of the response before; 0: the start. */
  position: uint32(6),
})
export type GetPolicyProgramsRequest = MessageOf<typeof GetPolicyProgramsRequest>

/** Some of the programs; less than a MiB. */
export const GetPolicyProgramsResponse = message('GetPolicyProgramsResponse', {
  hooks: many(nested(1, AnnotatedHook)),
  /** Where the next response continues; 0: there is no more. */
  next_position: uint32(2),
  /** Another number than in the response before: the policy was loaded again. */
  generation: uint32(3),
})
export type GetPolicyProgramsResponse = MessageOf<typeof GetPolicyProgramsResponse>
