import fc from 'fast-check'
import { eventKinds } from '../event-type.ts'
import type { Field, MessageType } from '../message.ts'

/** JSON that mostly follows a message's declaration. */
function jsonOf(message: MessageType): fc.Arbitrary<unknown> {
  const fields = Object.entries(message.fields).map(([name, field]) => [name, fieldValue(field)])
  return fc.record(Object.fromEntries(fields), { requiredKeys: [] })
}

const hostileText = fc.string({ unit: 'binary', maxLength: 12 })

function singleOf(type: Field<unknown>['type']): fc.Arbitrary<unknown> {
  if (typeof type !== 'string') return type.kind === 'message' ? jsonOf(type) : hostileText
  if (type === 'bool' || type === 'BoolValue') return fc.boolean()
  if (type === 'string' || type === 'bytes' || type === 'Timestamp') return hostileText
  return /64$/.test(type) ? fc.nat().map(String) : fc.nat({ max: 9 })
}

function fieldValue({ type, shape }: Field<unknown>): fc.Arbitrary<unknown> {
  const single = singleOf(type)
  const right =
    shape === 'one'
      ? single
      : shape === 'many'
        ? fc.array(single, { maxLength: 3 })
        : fc.dictionary(hostileText, hostileText, { maxKeys: 3 })
  return fc.oneof({ weight: 200, arbitrary: right }, { weight: 1, arbitrary: fc.jsonValue() })
}

const functions = ['sys_write', '__x64_sys_setns', 'bpf_check', 'tcp_sendmsg', 'security_mmap_file']
/** Events with wrong fields and with texts of any characters, as JSON. */
export const hostileEvent = fc
  .oneof(...eventKinds.map(({ key, message }) => jsonOf(message).map((body) => ({ key, body }))))
  .chain(({ key, body }) =>
    fc.record({ fn: fc.constantFrom(...functions), node: hostileText }).map(({ fn, node }) => {
      const forced = key === 'process_kprobe' ? { function_name: fn } : {}
      return { [key]: { ...(body as object), ...forced }, node_name: node }
    }),
  )
