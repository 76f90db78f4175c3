import { fromBase64, utf8 } from '#platform'
import type { KprobeArgument } from '../messages/kprobe-argument.ts'
import { namesOfAddress } from './address-names.ts'

type Field = Exclude<keyof KprobeArgument, 'label'>
type Formats = { readonly [F in Field]?: (value: NonNullable<KprobeArgument[F]>) => string }

const pathOf = ({ path = '' }: { readonly path?: string | undefined }): string => path

/** Addresses have the form of Tetragon's compact lines: `10.0.0.2:80`, `::1:80`. */
function connection({ saddr = '', sport = 0, daddr = '', dport = 0 }: Ends, names = ''): string {
  return `${saddr}:${sport} -> ${daddr}:${dport}${names}`
}
type Ends = Pick<NonNullable<KprobeArgument['skb_arg']>, 'saddr' | 'sport' | 'daddr' | 'dport'>

function bytesText(base64: string): string {
  const bytes = fromBase64(base64)
  return utf8(bytes, 0, bytes.length)
}

/** What people look for in an argument; other fields of it are omitted. */
const formats: Formats = {
  bytes_arg: bytesText,
  truncated_bytes_arg: ({ bytes_arg = '' }) => bytesText(bytes_arg),
  path_arg: pathOf,
  file_arg: pathOf,
  linux_binprm_arg: pathOf,
  sockaddrun_arg: pathOf,
  sock_arg: (sock) => connection(sock, namesOfAddress(sock.destination_names)),
  skb_arg: (skb) => connection(skb),
  sockaddr_arg: ({ addr = '', port = 0, names }) => `${addr}:${port}${namesOfAddress(names)}`,
  addrinfo_arg: ({ addresses = [] }) => addresses.join(' '),
  int32_list_arg: ({ values = [] }) => values.join(' '),
  capability_arg: ({ name, value }) => name ?? String(value ?? ''),
  module_arg: ({ name = '' }) => name,
  net_dev_arg: ({ name = '' }) => name,
  bpf_attr_arg: ({ ProgType = '', ProgName = '' }) => `${ProgType} ${ProgName}`.trim(),
  bpf_prog_arg: ({ ProgType = '', ProgName = '' }) => `${ProgType} ${ProgName}`.trim(),
  bpf_map_arg: ({ MapType = '', MapName = '' }) => `${MapType} ${MapName}`.trim(),
  perf_event_arg: ({ Type = '', KprobeFunc = '' }) => `${Type} ${KprobeFunc}`.trim(),
  error_arg: ({ Message = '' }) => Message,
}

/**
 * The value of an argument for people, unescaped: a path, an address with its names, a number, the
 * text in bytes. Other values are `name=value` for each of their fields; empty: there is no value.
 */
export function argumentText({ label: _, ...arg }: KprobeArgument): string {
  // At most one is set.
  for (const [field, value] of Object.entries(arg)) {
    if (value === undefined) continue
    // The table's type ties each field to its value; the compiler cannot follow that.
    const format = formats[field as Field] as ((value: unknown) => string) | undefined
    return format === undefined ? otherText(value) : format(value)
  }
  return ''
}

function otherText(value: unknown): string {
  if (Array.isArray(value)) return value.map(otherText).join(',')
  if (typeof value !== 'object' || value === null) return String(value)
  return Object.entries(value)
    .filter(([, field]) => field !== undefined)
    .map(([name, field]) => `${name}=${otherText(field)}`)
    .join(' ')
}
