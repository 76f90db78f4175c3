import type { Btf } from '@tetragon-ts/ebpf/btf'
import type { Bytes, Int, Ptr } from '@tetragon-ts/ebpf/lang'
import type { Action, Hook } from '@tetragon-ts/policy'
import type { File } from '@tetragon-ts/sensors/kernel/types'
import { LinuxBinprm } from '../arguments/file.ts'
import { anyOf } from '../hook/any-of.ts'
import type { Hit } from '../hook/hit.ts'

/** IMA_MAX_DIGEST_SIZE in security/integrity/ima/ima.h: that of SHA-512. */
const digestMax = 64

/** Whether an action posts the IMA hash of the hook's file. */
export function needsHash(action: Action): boolean {
  return action.action === 'Post' && action.imaHash
}

/** Selectors whose events have that hash. */
export function selectorsWithHash({ selectors }: Hook): readonly number[] {
  return selectors.flatMap(({ actions }, i) => (actions.some(needsHash) ? [i] : []))
}

/** What a kernel lacks for it; undefined if it supports it. The helper: Linux 5.18. */
export function lackingIma(btf: Btf): string | undefined {
  const lacking = ['bpf_ima_file_hash', 'ima_file_hash'].find((name) => !btf.prototype(name))
  return lacking && `this kernel has no function ${lacking}`
}

/**
 * Writes the number of the algorithm (`enum hash_algo` in include/uapi/linux/hash_info.h) and the
 * digest. IMA computes the digest if it has none: the program must be sleepable.
 * @returns number of bytes, 0 if the selector requests no hash or IMA has none
 */
export function writeHash({ k, trusted }: Hit, to: Bytes, hook: Hook, selector: Int): Int {
  const length = k.variable(0)
  const first = trusted?.(0)
  if (!first) return length
  const ask = (file: Ptr<File>): void => {
    const algorithm = k.call('ima_file_hash', file, to.at(1), digestMax)
    k.when(algorithm.signedGe(0), () => {
      to.store(1, 0, algorithm)
      length.set(1 + digestMax)
    })
  }
  const wanted = selectorsWithHash(hook).map((i) => () => selector.eq(i))
  k.when(anyOf(k, wanted), () => {
    // Some of the supported hooks have the program, all others the file, which mmap may lack.
    if (k.pointsAt(first, LinuxBinprm)) return ask((first as Ptr<LinuxBinprm>).file)
    k.when(first, () => ask(first as Ptr<File>))
  })
  return length.and(2 * digestMax - 1)
}
