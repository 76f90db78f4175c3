import type { KprobeArgument } from '../../messages/kprobe-argument.ts'
import { namesOfAddress } from '../address-names.ts'
import type { KprobeBody, KprobeFormats } from '../kprobe-format.ts'
import { type Column, detail } from '../line.ts'

/**
 * Column with the two ends of a TCP connection, `tcp 10.0.0.1:4242 -> 10.0.0.2:80`, and the names
 * of the destination if there are some.
 */
export function connection(arg: KprobeArgument | undefined): Column {
  const sock = arg?.sock_arg
  if (sock === undefined) return detail(undefined)
  const source = `${sock.saddr ?? ''}:${sock.sport ?? 0}`
  const names = namesOfAddress(sock.destination_names)
  return detail(`tcp ${source} -> ${sock.daddr ?? ''}:${sock.dport ?? 0}${names}`)
}

function body(icon: string, word: string, args: readonly KprobeArgument[]): KprobeBody {
  return { icon, word, columns: [connection(args[0])] }
}

/** `🔌 connect default/xwing /usr/bin/curl tcp 10.0.0.1:4242 -> 10.0.0.2:80` */
export const tcp: KprobeFormats = {
  tcp_connect: (args) => body('🔌', 'connect', args),
  tcp_close: (args) => body('🧹', 'close', args),
}
