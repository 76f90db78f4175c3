import type { Btf } from '@tetragon-ts/ebpf/btf'
import type { Code, Condition } from '@tetragon-ts/ebpf/lang'
import type { ArgumentMatch, ArgumentTest, Selector } from '@tetragon-ts/policy'
import { isInLayer, isLayerFile } from '@tetragon-ts/sensors/kernel/layer-files'
import { File, Path } from '@tetragon-ts/sensors/kernel/types'
import { anyOf } from '../hook/any-of.ts'
import { asPointer, type Hit } from '../hook/hit.ts'
import { parameterTypes } from '../plan/parameter-types.ts'
import type { PlannedHook } from '../plan/plan-hook.ts'

// Operations of an overlay on files of its layers are not operations of the process: those were
// seen when the process used the file of the overlay. Their paths are those inside a layer, or none
// at all where files are copied up, so a policy would refuse what it does not name.

type Kind = 'file' | 'path'
type SecurityHook = Pick<PlannedHook, 'hook' | 'functions'>

/** The parameters of a security hook that are files or paths, by position; none at other hooks. */
export function fileParameters(
  { hook, functions }: SecurityHook,
  btf: Btf,
): ReadonlyMap<number, Kind> {
  const found = new Map<number, Kind>()
  const isSecurity =
    hook.section === 'lsmhooks' || functions.every((name) => name.startsWith('security_'))
  if (!isSecurity) return found
  parameterTypes(btf, hook)?.forEach(({ text }, position) => {
    const [, kind] = /^(?:const )?struct (file|path) (?:const )?\*$/.exec(text) ?? []
    if (kind) found.set(position, kind as Kind)
  })
  // The functions of a list have no common prototype.
  for (const { type, resolve, source, index } of hook.args) {
    const isParameter = resolve.length === 0 && source === undefined
    if (isParameter && (type === 'file' || type === 'path')) found.set(index, type)
  }
  return found
}

/** Whether a hit is about a file of a layer; undefined if the hook has no files. */
export function isLayerOperation(
  hit: Hit,
  planned: SecurityHook,
): ((k: Code) => Condition) | undefined {
  const files = [...fileParameters(planned, hit.k.target.btf)].flatMap(([position, kind]) => {
    const raw = hit.parameter(position)
    return raw === undefined ? [] : [{ raw, kind }]
  })
  if (files.length === 0) return undefined
  return (k) =>
    anyOf(
      k,
      files.map(({ raw, kind }) => () => {
        if (kind === 'path') return isInLayer(k, asPointer(k, raw, Path))
        return isLayerFile(k, asPointer(k, raw, File))
      }),
    )
}

/** A test that a file passes whatever path leads to it: also below an overlay. */
export type IdentityTest = ArgumentTest<'equal-string'> & { readonly files: readonly string[] }

/** The tests of a selector that name files by identity. */
export function identityTests(
  selector: Pick<Selector, 'args'>,
): readonly (ArgumentMatch & { readonly test: IdentityTest })[] {
  return selector.args.filter(
    (match): match is ArgumentMatch & { readonly test: IdentityTest } =>
      match.test.operator === 'equal-string' && match.test.files !== undefined && !match.negated,
  )
}
