import { escapeUnprintable } from '../escape.ts'
import type { ProcessLsm } from '../messages/event.ts'

/** The line that says which file IMA measured and its hash; empty when there is no hash. */
export function formatImaHash(lsm: ProcessLsm): string {
  if (lsm.ima_hash === undefined || lsm.ima_hash === '') return ''
  let path = ''
  for (const arg of lsm.args ?? []) {
    path = (arg.file_arg ?? arg.path_arg ?? arg.linux_binprm_arg)?.path ?? ''
    if (path !== '') break
  }
  return `   ${escapeUnprintable(path)} ${escapeUnprintable(lsm.ima_hash)}\n`
}
