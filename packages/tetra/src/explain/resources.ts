import {
  podInfoKind,
  podInfoSchema,
  policyKinds,
  policySchema,
  type Schema,
} from '@tetragon-ts/policy/schema'
import { didYouMean } from '@tetragon-ts/service/options'
import { UsageError } from '../usage-error.ts'

export const group = 'cilium.io'
export const version = 'v1alpha1'
export const apiVersion = `${group}/${version}`

/** A resource that can be explained. */
export interface Resource {
  readonly kind: string
  readonly plural: string
  readonly shortName: string
  readonly schema: Schema
}

/** Both kinds of policies, which have the same fields, and PodInfo. */
export const resources: readonly Resource[] = [
  ...policyKinds.map(({ kind, plural, shortName }) => {
    return { kind, plural, shortName, schema: policySchema }
  }),
  { ...podInfoKind, schema: podInfoSchema },
]

/** Finds a resource by its plural, singular or short name. @throws UsageError */
export function findResource(name: string): Resource {
  const wanted = name.toLowerCase()
  const found = resources.find(({ kind, plural, shortName }) => {
    return [kind.toLowerCase(), plural, shortName].includes(wanted)
  })
  if (found !== undefined) return found
  const names = resources.map(({ plural }) => plural)
  const list = `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
  throw new UsageError(`unknown resource "${name}"${didYouMean(name, names)}; there are ${list}`)
}
