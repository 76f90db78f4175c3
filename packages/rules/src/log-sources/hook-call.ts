import type { Event, KprobeArgument } from '@tetragon-ts/api'
import type { FieldValue } from './field.ts'

/** A hook event, whatever its kind. */
export interface HookCall {
  /**
   * The function: system calls as `sys_openat`, LSM hooks by their kernel function such as
   * `security_file_open`, other tracepoints as `sched/sched_process_exec`.
   */
  readonly name: string
  readonly args: readonly KprobeArgument[]
  readonly result: KprobeArgument | undefined
}

const syscallPrefix = /^(?:(?:x64|arm64|i386|arm32)\/|__(?:x64|ia32|arm64)_(?:compat_)?)(?=sys_)/
const syscallEvent = /^sys_(?:enter|exit)_/

/** The call of a hook event; undefined for other events. */
export function hookCall({ key, body }: Event): HookCall | undefined {
  switch (key) {
    case 'process_kprobe':
      return call((body.function_name ?? '').replace(syscallPrefix, ''), body.args, body.return)
    case 'process_lsm': {
      const name = body.function_name ?? ''
      return call(name.startsWith('security_') ? name : `security_${name}`, body.args)
    }
    case 'process_tracepoint': {
      const { subsys = '', event = '' } = body
      const isSyscall = subsys === 'syscalls' && syscallEvent.test(event)
      return call(isSyscall ? event.replace(syscallEvent, 'sys_') : `${subsys}/${event}`, body.args)
    }
    case 'process_uprobe':
      return call(body.symbol ?? '', body.args)
    case 'process_usdt':
      return call(`${body.provider ?? ''}/${body.name ?? ''}`, body.args)
    default:
      return undefined
  }
}

function call(
  name: string,
  args: readonly KprobeArgument[] = [],
  result?: KprobeArgument,
): HookCall {
  return { name, args, result }
}

/** Path of a file, folder or text argument; undefined if it has none. */
export function pathOf(argument: KprobeArgument | undefined): string | undefined {
  return (
    argument?.file_arg?.path ??
    argument?.path_arg?.path ??
    argument?.linux_binprm_arg?.path ??
    argument?.string_arg
  )
}

/** Value of a number argument; undefined if it has another type. */
export function numberOf(argument: KprobeArgument | undefined): number | undefined {
  const value = argument?.int_arg ?? argument?.uint_arg ?? argument?.long_arg ?? argument?.size_arg
  return value === undefined ? undefined : Number(value)
}

/** The first path among the arguments, from an index on. */
export function firstPath(args: readonly KprobeArgument[], from = 0): string | undefined {
  for (const argument of args.slice(from)) {
    const path = pathOf(argument)
    if (path !== undefined) return path
  }
  return undefined
}

/** The first number among the arguments, from an index on. */
export function firstNumber(args: readonly KprobeArgument[], from = 0): number | undefined {
  for (const argument of args.slice(from)) {
    const number = numberOf(argument)
    if (number !== undefined) return number
  }
  return undefined
}

/** Argument with a label. */
export function labelled(
  args: readonly KprobeArgument[],
  label: string,
): KprobeArgument | undefined {
  return args.find((argument) => argument.label === label)
}

/** Any argument as text: the value of a scalar, the texts of a message. */
export function argumentValue(argument: KprobeArgument): FieldValue {
  const texts: string[] = []
  for (const [name, value] of Object.entries(argument)) {
    if (name !== 'label') collectTexts(value, texts)
  }
  return texts.length === 0 ? undefined : texts.length === 1 ? texts[0] : texts
}

function collectTexts(value: unknown, texts: string[]): void {
  if (typeof value === 'object' && value !== null) {
    for (const each of Object.values(value)) collectTexts(each, texts)
  } else if (value !== undefined && value !== null) texts.push(String(value))
}
