import { parseAddress } from '@tetragon-ts/service/listen'
import { optional, text } from '@tetragon-ts/service/options'

/** Profiles of the agent. */
export const profileOptions = {
  cpuprofile: text({
    value: 'FILE',
    help: 'at exit, write the CPU profile of the main thread to FILE, of the reader to FILE.reader',
  }),
  memprofile: text({
    value: 'FILE',
    help: 'at exit, write the heap profile of the main thread to FILE',
  }),
  'pprof-address': optional({
    value: 'ADDRESS',
    help: 'serve profiles at http://ADDRESS/debug/pprof (they reveal all data of the agent)',
    read: (given) => (given === '' ? undefined : parseAddress(given)),
  }),
}
