import type { KprobeArgument } from '../messages/kprobe-argument.ts'

/** The value of an argument of any integer type, in decimal; undefined for other types. */
export function argumentInteger(arg: KprobeArgument | undefined): string | undefined {
  const value = arg?.int_arg ?? arg?.uint_arg ?? arg?.size_arg ?? arg?.long_arg
  return value === undefined ? undefined : String(value)
}

/** The path of a `file` or `fd` argument. */
export function argumentFile(arg: KprobeArgument | undefined): string | undefined {
  return arg?.file_arg === undefined ? undefined : (arg.file_arg.path ?? '')
}
