import type { Options } from '@tetragon-ts/service/options'
import type { Command } from '../command.ts'
import { defineCommand } from '../define-command.ts'

/** What a command of the original inspects that this agent does not have. */
export interface Meaningless {
  readonly name: string
  readonly parent?: string
  readonly summary: string
  readonly operands?: string
  readonly options?: Options
  /** The reason: the end of a sentence. */
  readonly reason: string
}

/** A command of the original without function here. It always fails, with the reason. */
export function meaningless({ reason, options = {}, ...definition }: Meaningless): Command {
  return defineCommand({
    ...definition,
    options,
    leftOut: reason,
    description: `It always fails: ${reason}.`,
    run: async () => {
      const { parent, name } = definition
      throw new Error(`${parent === undefined ? name : `${parent} ${name}`}: ${reason}`)
    },
  })
}
