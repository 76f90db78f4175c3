import type { ProcessLsm } from '../events/hook-events.ts'
import type { Paint } from '../lines/colour.ts'
import { escapeUnprintable } from '../quoting/escape.ts'

/** The line with the measured file and its IMA hash; empty if there is no hash. */
export function formatImaHash(lsm: ProcessLsm, paint: Paint): string {
  if (lsm.ima_hash === undefined || lsm.ima_hash === '') return ''
  let path = ''
  for (const arg of lsm.args ?? []) {
    path = (arg.file_arg ?? arg.path_arg ?? arg.linux_binprm_arg)?.path ?? ''
    if (path !== '') break
  }
  const hash = paint('blue', ` ${escapeUnprintable(lsm.ima_hash)}`)
  return `${paint('green', `   ${escapeUnprintable(path)}`)}${hash}\n`
}
