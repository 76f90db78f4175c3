import type { Action } from '@tetragon-ts/policy'
import { byPolicy } from '../hook/refusal.ts'
import type { Backend } from '../hook-plans/backend.ts'
import type { MeansName } from '../hook-plans/hook-plan.ts'
import type { Means } from './means.ts'

/** Largest error number: MAX_ERRNO in include/linux/err.h. */
const largestError = 4095
/** Means whose refusals the kernel itself returns as EPERM. */
const alwaysEperm: ReadonlySet<MeansName> = new Set(['cgroup', 'fanotify'])
/** The kernel asks no other group after a refusal: fsnotify() in fs/notify/fsnotify.c. */
const final: ReadonlySet<MeansName> = new Set(['fanotify'])
/** include/uapi/asm-generic/errno-base.h */
const EPERM = 1

/**
 * A means that returns an error to the caller instead of running the operation: the result of the
 * program itself decides. Its back end attaches programs where that is possible.
 */
export function resultMeans<M extends MeansName>(name: M, backend: Backend): Means<'Override', M> {
  return {
    name,
    guarantee: 'refuses',
    backend,
    isFinal: final.has(name),
    refuses({ error = 0 }: Action<'Override'>, { plannedFor, refusesPositive }) {
      if (plannedFor !== name) return byPolicy(`programs there do not decide by ${name}`)
      if (alwaysEperm.has(name) && error !== -EPERM) {
        return byPolicy('the kernel returns EPERM for what it refuses: argError must be -1')
      }
      if (error < 0 && error >= -largestError) return undefined
      if (error > 0 && error <= largestError && refusesPositive) return undefined
      const message = `a result of ${error} refuses nothing here`
      return byPolicy(`${message}: argError must be -${largestError} to -1`)
    },
    emit({ error = 0 }, { verdict }) {
      verdict?.refuse(error)
      return undefined
    },
  }
}
