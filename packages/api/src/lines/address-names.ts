import type { KprobeArgument } from '../messages/kprobe-argument.ts'
import { quote } from '../quoting/quote.ts'
import { type Column, detail } from './line.ts'

/** Names that need no quotes. Others may be made up to look like other parts of the line. */
const usual = /^[\w.:-]+$/

/** ` (example.com)`: the names by which the process looked up an address; empty without names. */
export function namesOfAddress(names: readonly string[] = []): string {
  if (names.length === 0) return ''
  return ` (${names.map((name) => (usual.test(name) ? name : quote(name))).join(', ')})`
}

/** Columns with the addresses that have names, `10.0.0.2:80 (example.com)`; none without names. */
export function namedAddresses(args: readonly KprobeArgument[] = []): readonly Column[] {
  return args.flatMap(({ sock_arg, sockaddr_arg }) => {
    const { daddr, dport, destination_names } = sock_arg ?? {}
    const { addr = daddr, port = dport, names = destination_names } = sockaddr_arg ?? {}
    const text = namesOfAddress(names)
    return text === '' ? [] : [detail(`${addr ?? ''}:${port ?? 0}${text}`)]
  })
}
