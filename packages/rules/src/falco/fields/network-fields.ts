import type { FieldReader } from '../comparison.ts'
import { always, never, not, or, type Term, test } from '../term.ts'
import { address, anyOf, number, text } from './field-readers.ts'
import type { FalcoFields } from './field-table.ts'

/** Families by the words of `fd.type` and `fd.typechar`. */
const families: Readonly<Record<string, Term>> = {
  ipv4: test('DestinationIsIpv6', false),
  ipv6: test('DestinationIsIpv6', true),
}

const family =
  (words: Readonly<Record<string, string>>): FieldReader =>
  ({ values }) =>
    or(values.map((value) => (Object.hasOwn(words, value) ? families[words[value]] : never)))

/** A port; names of services are those of the two dozen that rules use. */
const services: Readonly<Record<string, number>> = {
  ...{ ftp: 21, ssh: 22, telnet: 23, smtp: 25, domain: 53, http: 80, ntp: 123, https: 443 },
}

function port(field: string): FieldReader {
  const read = number(field)
  return (comparison) => {
    const values = comparison.values.map((value) => {
      return Object.hasOwn(services, value) ? String(services[value]) : value
    })
    return read({ ...comparison, values })
  }
}

/** Fields of a connection. @param local the end of the process: that of Source or Destination */
export function networkFields(local: 'Source' | 'Destination'): FalcoFields {
  const remote = local === 'Source' ? 'Destination' : 'Source'
  const both = address('SourceIp', 'DestinationIp')
  const ends = { ...{ c: 'Source', s: 'Destination' }, ...{ l: local, r: remote } }
  const byEnd = Object.entries(ends).flatMap(([letter, end]): [string, FieldReader][] => [
    [`fd.${letter}ip`, address(`${end}Ip`)],
    [`fd.${letter}net`, address(`${end}Ip`)],
    [`fd.${letter}port`, port(`${end}Port`)],
  ])
  return {
    plain: {
      ...Object.fromEntries(byEnd),
      'fd.ip': both,
      'fd.net': both,
      'fd.port': anyOf(port('SourcePort'), port('DestinationPort')),
      'fd.sip.name': text('DestinationHostname'),
      'fd.l4proto': text('Protocol'),
      'fd.type': family({ ipv4: 'ipv4', ipv6: 'ipv6' }),
      'fd.typechar': family({ 4: 'ipv4', 6: 'ipv6' }),
      // Falco asks with it for the first datagram of a socket.
      'fd.name_changed': () => always,
      'fd.is_server': ({ values }) => {
        const isServer: Term = { kind: 'constant', value: local === 'Destination' }
        return or(values.map((value) => (value === 'true' ? isServer : not(isServer))))
      },
    },
  }
}
