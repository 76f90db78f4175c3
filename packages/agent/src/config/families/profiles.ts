import { parseAddress } from '../../endpoints/listen/address.ts'
import { optional, text } from '../option.ts'

/** Where the agent itself spends time and memory. */
export const profileOptions = {
  cpuprofile: text({
    value: 'FILE',
    help: 'write where the main thread spent its time to FILE in the end, where the reader did to FILE.reader',
  }),
  memprofile: text({
    value: 'FILE',
    help: "write what is on the main thread's heap to FILE in the end",
  }),
  'pprof-address': optional({
    value: 'ADDRESS',
    help: 'serve profiles at http://ADDRESS/debug/pprof: whoever can connect sees what the agent knows',
    read: (given) => (given === '' ? undefined : parseAddress(given)),
  }),
}
