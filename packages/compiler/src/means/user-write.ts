import { byPolicy } from '../hook/refusal.ts'
import { setSize } from '../user-probes/index.ts'
import type { Means } from './means.ts'

/**
 * Writes to a variable of the process that holds an argument (bpf_probe_write_user, Linux 4.8). It
 * never waits: a page that is not resident, or shared with others, is not written. Refused while
 * the kernel is locked down.
 */
export const userWriteMeans: Means<'Set', 'user_write'> = {
  name: 'user_write',
  guarantee: 'writes',
  refuses(_, { writes }) {
    if (writes === true) return undefined
    return writes ?? byPolicy('only arguments of static probes can be set')
  },
  emit({ index, value }, { k, addressOf }) {
    if (!addressOf) return undefined
    const memory = k.stackBytes(8)
    memory.store(setSize, 0, value)
    return k.call('probe_write_user', addressOf(index), memory, setSize)
  },
}
