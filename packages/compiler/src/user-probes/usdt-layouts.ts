import type { UsdtArgument, UsdtProbe } from '@tetragon-ts/ebpf/elf'
import type { Hook, UserHook } from '@tetragon-ts/policy'
import { findRegister } from '../hook/registers.ts'
import type { UserFile } from './user-file.ts'

// Each layout has a program of its own: nothing is interpreted in the kernel. The compiler reads
// the notes of all files at the path, on the host and in containers. If a file appears with a
// layout that no program is for, the policy is compiled again and replaces itself
// (`KernelChanges.renew`); processes that still run a replaced file are not probed any more then.

/**
 * Where the arguments of a static probe are that a hook uses, at some of its places. Places with
 * the same layout share a program.
 */
export interface UsdtLayout {
  /** The same for equal layouts. */
  readonly key: string
  /** By their number at the probe. */
  readonly operands: ReadonlyMap<number, UsdtArgument>
}

/** A hook that uses an argument which a place does not have as needed. */
export interface LayoutProblem {
  /** In the policy. */
  readonly path: string
  readonly code: 'POLICY_INDEX' | 'POLICY_ARGUMENT' | 'POLICY_ACTION' | 'POLICY_LIMIT'
  readonly message: string
}

/** A place of a probe, and its layout or why it has none. */
export type LaidOut =
  | { readonly probe: UsdtProbe; readonly layout: UsdtLayout; readonly problem?: undefined }
  | { readonly probe: UsdtProbe; readonly layout?: undefined; readonly problem: LayoutProblem }

/** Layouts of a probe in a file, each of which has a program. */
const layoutsOfFileMax = 64

/** By file as it was opened: each of the programs of a hook asks for them. */
const known = new WeakMap<UserFile, Map<Hook, readonly LaidOut[]>>()

/** All places of a hook's probe in a file; none if the file lacks it. @throws ElfError */
export function layOut(hook: Hook, file: UserFile): readonly LaidOut[] {
  const ofFile = known.get(file) ?? new Map<Hook, readonly LaidOut[]>()
  known.set(file, ofFile)
  const laidOut = ofFile.get(hook) ?? layOutPlaces(hook, file)
  ofFile.set(hook, laidOut)
  return laidOut
}

function layOutPlaces(hook: Hook, file: UserFile): readonly LaidOut[] {
  const { user, path } = hook
  if (!user) return []
  const uses = usesOf(hook)
  const keys = new Set<string>()
  return placesOf(user, file).map((probe) => {
    const problem = uses.map((use) => problemOf(use, probe)).find((each) => each)
    if (problem) return { probe, problem }
    const layout = layoutOf(uses, probe)
    keys.add(layout.key)
    if (keys.size <= layoutsOfFileMax) return { probe, layout }
    keys.delete(layout.key)
    return { probe, problem: { path, code: 'POLICY_LIMIT', message: tooMany(hook) } }
  })
}

function tooMany({ call }: Hook): string {
  return `the arguments of ${call} are in more than ${layoutsOfFileMax} different locations`
}

function placesOf({ provider, name }: UserHook, file: UserFile): readonly UsdtProbe[] {
  return file.usdtProbes.filter((probe) => probe.provider === provider && probe.name === name)
}

function layoutOf(uses: readonly Use[], probe: UsdtProbe): UsdtLayout {
  const indexes = [...new Set(uses.map(({ index }) => index))].sort((a, b) => a - b)
  const operands = new Map(indexes.map((index) => [index, relative(probe, index)]))
  const key = [...operands].map(([index, operand]) => `${index} ${keyOf(operand)}`).join('; ')
  return { key, operands }
}

/**
 * An argument of a probe. Where a variable is depends on where the file is loaded, as the address
 * of the probe does.
 */
function relative({ address, arguments: all }: UsdtProbe, index: number): UsdtArgument {
  const operand = all[index]
  if (operand.kind !== 'absolute') return operand
  const displacement = operand.displacement - address
  return { ...operand, kind: 'memory', register: 'rip', displacement }
}

function keyOf(operand: UsdtArgument): string {
  return Object.values(operand).join(' ')
}

/** An argument that a hook uses. */
interface Use {
  readonly index: number
  readonly path: string
  /** Whether an action writes to it. */
  readonly isSet: boolean
}

function usesOf({ args, selectors }: Hook): readonly Use[] {
  const read = args.flatMap(({ index, sizeIndex, path }): Use[] => [
    { index, path: `${path}.index`, isSet: false },
    ...(sizeIndex === undefined
      ? []
      : [{ index: sizeIndex, path: `${path}.sizeArgIndex`, isSet: false }]),
  ])
  const set = selectors.flatMap(({ actions }) =>
    actions.flatMap((action): Use[] => {
      if (action.action !== 'Set') return []
      return [{ index: action.index, path: `${action.path}.argIndex`, isSet: true }]
    }),
  )
  return [...read, ...set]
}

/** What Set writes, in bytes. */
export const setSize = 4

function problemOf({ index, path, isSet }: Use, probe: UsdtProbe): LayoutProblem | undefined {
  const { provider, name, address, arguments: all } = probe
  const where = `${provider}/${name} at 0x${address.toString(16)}`
  const operand = all.at(index)
  if (!operand) {
    const message = `no argument ${index}: ${where} has ${all.length}`
    return { path, code: 'POLICY_INDEX', message }
  }
  const written = unreadable(operand)
  if (written !== undefined) {
    const message = `argument ${index} of ${where} is ${written}, which cannot be read`
    return { path, code: 'POLICY_ARGUMENT', message }
  }
  const isInMemory = operand.kind === 'memory' || operand.kind === 'absolute'
  if (!isSet || (isInMemory && operand.size === setSize)) return undefined
  const what = isInMemory ? `${operand.size} bytes in memory` : `a ${operand.kind}`
  const message = `Set needs ${setSize} bytes in memory: argument ${index} of ${where} is ${what}`
  return { path, code: 'POLICY_ACTION', message }
}

/** What an operand is, if programs cannot read it. */
function unreadable(operand: UsdtArgument): string | undefined {
  switch (operand.kind) {
    case 'unknown':
      return operand.text
    case 'constant':
      return undefined
    case 'register':
      return [operand.register].find(isUnknown)
    case 'memory':
      return [operand.register, operand.index].find(isUnknown)
    case 'absolute':
      return ['rip', operand.index].find(isUnknown)
  }
}

/** Whether this machine does not have a register. */
function isUnknown(register: string | undefined): boolean {
  return register !== undefined && !findRegister(register)
}
