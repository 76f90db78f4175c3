import { array, type MapSpec } from '@tetragon-ts/ebpf/maps'
import { u64 } from '@tetragon-ts/ebpf/records'
import { type OverrideAction, planOverride, type RedirectTarget } from './override-plan.ts'
import type { UserFile } from './user-file.ts'
import type { ProbeSite } from './user-probes.ts'

// A program that continues a thread elsewhere knows the address of its breakpoint, which each
// process may have elsewhere; the distance from there to a target depends on the file. So the
// cookie of a breakpoint has its address in the file, and the row of the file in a map, which has
// the addresses of all targets in it.

/** Files per hook. */
export const redirectRows = 4096

/** The parts of a cookie, in bits. */
export const cookieParts = {
  functionIndex: { shift: 0, mask: 0xf_ffff },
  row: { shift: 20, mask: redirectRows - 1 },
  address: { shift: 32, mask: 0xffff_ffff },
} as const
type CookiePart = keyof typeof cookieParts

/** Where the programs of a hook continue threads. */
export class Redirects {
  readonly #targets: readonly RedirectTarget[]
  /** By row and target; 0 if the file lacks it. */
  readonly addresses: MapSpec<number, bigint>

  constructor(actions: readonly OverrideAction[]) {
    const targets = actions.flatMap((action) => planOverride(action).target ?? [])
    this.#targets = [...new Map(targets.map((target) => [target.shown, target])).values()]
    const maxEntries = redirectRows * Math.max(1, this.#targets.length)
    this.addresses = array('tg_redirects', { value: u64, maxEntries })
  }

  /** The index of a target in a row, and in what `find` returns. */
  indexOf({ shown }: RedirectTarget): number {
    return this.#targets.findIndex((each) => each.shown === shown)
  }

  /** Targets per row. */
  get width(): number {
    return this.#targets.length
  }

  /** The targets in a file, with their addresses there. @throws ElfError */
  find(file: UserFile): readonly (readonly [shown: string, address: number | undefined])[] {
    return this.#targets.map((target) => [target.shown, target.addressIn(file)] as const)
  }

  /**
   * What a program needs to know about a place in a file.
   * @throws RangeError if its address needs more than 32 bits
   */
  cookie({ path, elf }: UserFile, { functionIndex, offset }: ProbeSite, row: number): bigint {
    const values = { functionIndex, row, address: elf.addressOf(offset) ?? 0 }
    const parts = (Object.keys(cookieParts) as CookiePart[]).map((name) => {
      const { shift, mask } = cookieParts[name]
      if (values[name] > mask) {
        throw new RangeError(`probe ${path}: its ${name} ${values[name]} is above ${mask}`)
      }
      return BigInt(values[name]) << BigInt(shift)
    })
    return parts.reduce((sum, next) => sum | next)
  }
}
