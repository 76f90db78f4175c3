import { type PolicyKind, policyKinds, policySchema, type Schema } from '@tetragon-ts/policy/schema'
import { didYouMean } from '../suggest.ts'
import { UsageError } from '../usage-error.ts'

export const group = 'cilium.io'
export const version = 'v1alpha1'
export const apiVersion = `${group}/${version}`

/** What can be explained: both kinds of policies, which have the same fields. */
export const resources: readonly PolicyKind[] = policyKinds
export const rootSchema: Schema = policySchema

/** Finds a resource by its plural, its singular or its short name. Throws UsageError. */
export function findResource(name: string): PolicyKind {
  const wanted = name.toLowerCase()
  const found = resources.find(({ kind, plural, shortName }) => {
    return [kind.toLowerCase(), plural, shortName].includes(wanted)
  })
  if (found !== undefined) return found
  const names = resources.map(({ plural }) => plural)
  throw new UsageError(
    `there is no resource "${name}"${didYouMean(name, names)}; there are ${names.join(' and ')}`,
  )
}
