import type { Int } from '@tetragon-ts/ebpf/lang'
import type { CommandArgumentMatch, Selector } from '@tetragon-ts/policy'
import type { Hit } from '../hook/hit.ts'
import type { HookContext } from '../hook/hook-context.ts'
import { commands } from '../process-sets/commands.ts'
import { memberBits } from '../process-sets/member.ts'
import { unknownImage } from './images.ts'
import type { Matcher } from './matcher.ts'

const { self, unknown } = memberBits

function bitsOf(match: CommandArgumentMatch, { k, task }: Hit, { processSets }: HookContext): Int {
  return processSets.get(commands(match)).bitsOf(k, task.tgid)
}

/**
 * matchCmdArgs: the command line of the process at its last exec. Also true if that is unknown: see
 * `unknownCommand`.
 */
export const commandArgumentsMatcher: Matcher = {
  conditions: ({ commandArguments }, hit, context) =>
    commandArguments.map((match) => ({
      path: match.path,
      make() {
        const bits = bitsOf(match, hit, context)
        return match.negated ? bits.and(self).eq(0) : bits.has(self | unknown)
      },
    })),
  sets: ({ commandArguments }) => commandArguments.map(commands),
}

/**
 * 1 if a selector matches, but the command line is unknown, else 0; undefined if it does not test
 * that.
 */
export function unknownCommand(
  { commandArguments, images }: Selector,
  hit: Hit,
  context: HookContext,
): Int | undefined {
  if (commandArguments.length === 0 && images.length === 0) return undefined
  const { k } = hit
  const all = k.variable(0)
  for (const match of commandArguments) all.set(all.or(bitsOf(match, hit, context)))
  const ofArguments = all.shiftRight(Math.log2(unknown)).and(1)
  return images.reduce((sum, match) => sum.or(unknownImage(match, hit, context)), ofArguments)
}
