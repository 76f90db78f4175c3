import type { Cell } from '@tetragon-ts/ebpf/lang'
import { type Fields, type Shape, u32 } from '@tetragon-ts/ebpf/records'
import { asInt } from '../hook/hit.ts'
import { isError, readAny } from '../hook/memory.ts'
import { addressesOf } from './addrinfo-entries.ts'
import { copyList, listMax } from './addrinfo-list.ts'
import type { ArgumentType, DecodedArgument } from './argument-type.ts'
import type { JsonWriter } from './json-writer.ts'
import { formatAddress } from './network-address.ts'

const shape = { incomplete: u32, padding: u32 } as const satisfies Shape

/**
 * The list to which a parameter of `getaddrinfo` points after a result of 0. After any other result
 * the value is an empty list, whatever the pointer is.
 */
const addrinfoType: ArgumentType<typeof shape> = {
  facets: ['text'],
  expects: { kind: 'bytes' },
  shape,
  tailMax: listMax,
  costly: true,
  readsUserMemory: true,
  bytesAtAddress: 8,
  read(hit, raw, _, context) {
    const { k } = hit
    const pointer = asInt(k, raw)
    const head = k.stackBytes(8)
    head.store(8, 0, 0)
    const result = readAny(hit, head, 8, pointer)
    // 1 for a result of 0, else 0; computed without a branch.
    const status = hit.result === undefined ? k.constant(0) : asInt(k, hit.result)
    const succeeded = status.and(0xffff_ffff).sub(1).shiftRight(63)
    const failed = isError(result).and(succeeded)
    const first = k.variable(head.load(8).mul(succeeded))
    let incomplete: Cell | undefined
    return {
      fields: () => ({ incomplete: incomplete?.get() ?? 0, padding: 0 }),
      unreadable: () => failed,
      from: pointer,
      writeTail(to) {
        incomplete = context.scratch(8).cell(0)
        return copyList(hit, context, first, to, incomplete)
      },
    }
  },
  json: writeAddresses,
}

function writeAddresses(out: JsonWriter, value: DecodedArgument<Fields<typeof shape>>): void {
  const addresses = new Set<string>()
  for (const { family, words } of addressesOf(value)) {
    addresses.add(formatAddress(family, words[0], words[1], words[2], words[3]))
  }
  out.latin1('"addrinfo_arg":{')
  if (addresses.size > 0) out.latin1(`"addresses":["${[...addresses].join('","')}"]`)
  if (value.fields.incomplete !== 0) {
    out.latin1(`${addresses.size > 0 ? ',' : ''}"incomplete":true`)
  }
  out.byte(0x7d)
}

export const lookupTypes = { addrinfo: addrinfoType }
