import { argumentInteger } from '../argument.ts'
import type { KprobeFormats } from '../kprobe-format.ts'
import { plain } from '../line.ts'
import { connection } from './tcp.ts'

/** `📤 sendmsg default/xwing /usr/bin/curl tcp 10.0.0.1:4242 -> 10.0.0.2:80 bytes 74` */
export const tcpSendmsg: KprobeFormats = {
  tcp_sendmsg: (args) => ({
    icon: '📤',
    word: 'sendmsg',
    columns: [connection(args[0]), plain(`bytes ${argumentInteger(args[1]) ?? 0}`)],
  }),
}
