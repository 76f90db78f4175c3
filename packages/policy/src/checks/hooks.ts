import type { Check } from '../arguments/check.ts'
import type { Argument, Hook, NamedList, Section } from '../model/index.ts'
import type { ArgumentDocument } from '../schema/argument.ts'
import type { SelectorDocument } from '../schema/selector.ts'
import type { SpecDocument } from '../schema/tracing-policy.ts'
import { type ArgumentField, type ArgumentHost, checkArgument } from './arguments.ts'
import { checkRacy } from './racy.ts'
import { checkReached, checkSelector } from './selectors.ts'
import { checkMessage, checkTags } from './texts.ts'

/** Context of all hook checks. */
export interface PolicyContext {
  readonly spec: SpecDocument
  readonly lists: ReadonlyMap<string, NamedList>
  readonly check: Check
}

/** Fields that hooks of all sections have or may have. */
interface HookDocument {
  readonly at: string
  readonly args: readonly ArgumentDocument[]
  readonly data?: readonly ArgumentDocument[]
  readonly return?: boolean
  readonly returnArg?: ArgumentDocument | undefined
  readonly selectors: readonly SelectorDocument[]
  readonly message: string | undefined
  readonly tags: readonly string[]
}

/** Differences between the sections. */
export interface HookIdentity {
  readonly section: Section
  readonly index: number
  readonly call: string
  readonly list?: string
  readonly syscall?: boolean
  readonly raw?: boolean
}

function checkReturnArg(
  document: HookDocument,
  host: ArgumentHost,
  check: Check,
  mark: (argument: Argument, document: ArgumentDocument) => void,
): Argument | undefined {
  const { returnArg, at } = document
  if (document.return !== true) {
    // Older Go programs write an empty one.
    const isGiven = returnArg !== undefined && returnArg.type !== 'auto'
    if (isGiven && document.return === false) {
      const message = 'returnArg has no effect without return: true'
      check.findings.warning(`${at}.returnArg`, 'POLICY_IGNORED', message, { key: true })
    }
    return undefined
  }
  if (returnArg === undefined) {
    const message = 'returnArg is missing: return: true requires it'
    check.findings.error(`${at}.returnArg`, 'POLICY_MISSING_FIELD', message)
    return undefined
  }
  const argument = readArgument(returnArg, 'returnArg', host, check)
  mark(argument, returnArg)
  return argument
}

/** Of an invalid argument only the remaining fields are checked: its type may be a placeholder. */
function readArgument(
  document: ArgumentDocument,
  place: ArgumentField,
  host: ArgumentHost,
  check: Check,
): Argument {
  const checked = check.isBroken(document) ? { ...document, type: 'nop' as const } : document
  return checkArgument(checked, place, host, check)
}

/** Checks the common parts of all hooks: arguments, selectors, message and tags. */
export function checkHook(
  document: HookDocument,
  identity: HookIdentity,
  { spec, lists, check }: PolicyContext,
): Hook {
  const { section, index, call, list, syscall = false, raw = false } = identity
  const host = { section, syscall, raw }
  const unreliable = new Set<Argument>()
  const mark = (argument: Argument, written: ArgumentDocument): void => {
    if (check.isBroken(written)) unreliable.add(argument)
  }
  const read = (documents: readonly ArgumentDocument[], place: ArgumentField): Argument[] =>
    documents.map((written) => {
      const argument = readArgument(written, place, host, check)
      mark(argument, written)
      return argument
    })
  const args = read(document.args, 'args')
  const data = read(document.data ?? [], 'data')
  const returnArg = checkReturnArg(document, host, check, mark)
  const members: Argument[] = []
  const context = { section, call, args, data, returnArg, members, unreliable, lists, spec, check }
  const selectors = document.selectors.map((selector) => checkSelector(selector, context))
  checkReached(selectors, check)
  const hook: Hook = {
    path: document.at,
    section,
    index,
    call,
    ...(list === undefined ? {} : { list }),
    syscall,
    raw,
    args,
    data: [...data, ...members],
    ...(returnArg === undefined ? {} : { returnArg }),
    selectors,
    message: checkMessage(document.message, document.at, check),
    tags: checkTags(document.tags, document.at, check),
    ignoreCallNotFound: false,
  }
  checkRacy(hook, check)
  return hook
}
