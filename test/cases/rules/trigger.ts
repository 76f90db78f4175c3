import { shellQuote } from '@tetragon-ts/api'

/**
 * What a rule must find, or must not: a command, split at blanks or as arguments. Its program is a
 * copy of /bin/true with that name, so that nothing happens.
 */
export type Trigger =
  | string
  | readonly string[]
  /** The program is at this path. */
  | { readonly at: string; readonly run: readonly string[] }
  /** A shell with this name starts the command. */
  | { readonly under: string; readonly run: readonly string[] }
  /** A script that really does it, in an empty folder; see `policies/library-triggers.ts`. */
  | { readonly sh: string }

/** Triggers of rules by their path in policies/rules. */
export type Triggers = Readonly<
  Record<string, { readonly hits: readonly Trigger[]; readonly misses: readonly Trigger[] }>
>

/** A command of a trigger: its program's path, arguments and the path of its parent. */
export interface Command {
  readonly program: string
  readonly args: readonly string[]
  readonly parent: string
}

/**
 * The command of a trigger; undefined if it is a script. Parents are in a folder of their own: a
 * shell must never be where a copy of /bin/true with the same name is expected.
 */
export function commandOf(trigger: Trigger, folder: string): Command | undefined {
  if (typeof trigger === 'string') return commandOf(trigger.split(' '), folder)
  const named = isWords(trigger) ? { run: trigger } : trigger
  if (!('run' in named)) return undefined
  const [name, ...args] = named.run
  const program = 'at' in named ? named.at : `${folder}/${name}`
  return { program, args, parent: 'under' in named ? `${folder}/shells/${named.under}` : '/bin/sh' }
}

function isWords(trigger: Trigger): trigger is readonly string[] {
  return Array.isArray(trigger)
}

/** A script that runs a trigger once; its working folder is empty. */
export function scriptOf(trigger: Trigger, folder: string): string {
  const command = commandOf(trigger, folder)
  if (command === undefined) return (trigger as { sh: string }).sh
  const { program, args, parent } = command
  // Without the second command the shell would be replaced, and not be a parent.
  const line = `${[program, ...args].map((each) => shellQuote(each)).join(' ')}; :`
  return parent === '/bin/sh' ? line : `${shellQuote(parent)} -c ${shellQuote(line)}; :`
}
