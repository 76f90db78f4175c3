import { BadValue, choice, integer } from '@tetragon-ts/service/options'
import { outputKind } from '../../connection.ts'
import { checkTls, tlsParameters } from '../../network/tls-parameters.ts'
import { schemaParameters } from '../../schemas/index.ts'
import { type Facility, facilities } from './facilities.ts'

/** Longest datagram, in bytes. */
const datagramMax = 65_507

/** syslog by RFC 5424, over UDP, TCP with octet counting (RFC 6587), or TLS (RFC 5425). */
export const syslog = outputKind({
  schemes: ['syslog+udp', 'syslog+tcp', 'syslog+tls'],
  guarantee: 'at most once',
  parameters: {
    ...tlsParameters,
    ...schemaParameters,
    facility: choice({
      choices: Object.keys(facilities) as Facility[],
      default: 'local0',
      help: 'the facility of the messages',
    }),
    'max-length': integer({
      min: 480,
      max: 1 << 24,
      default: '8192',
      help: 'longest message, in bytes; longer ones are refused, since receivers cut them',
    }),
  },
  check: ({ url, values }) => {
    checkTls(values, url.protocol === 'syslog+tls:')
    if (url.protocol === 'syslog+udp:' && values['max-length'] > datagramMax) {
      throw new BadValue(`max-length is at most ${datagramMax} over UDP`)
    }
  },
  open: async (target) => {
    const { openSyslog } = await import('./open-syslog.ts')
    return openSyslog(target)
  },
})
