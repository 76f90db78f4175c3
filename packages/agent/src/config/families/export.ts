import { FieldFilter, Filter } from '@tetragon-ts/api'
import { BadValue } from '../../bad-value.ts'
import { messageList } from '../json-messages.ts'
import { duration, integer } from '../numbers.ts'
import { flag, option, text } from '../option.ts'

/** Where events go. */
export const exportOptions = {
  'export-filename': text({
    value: 'FILE',
    help: 'append events to FILE instead of writing them to standard output',
  }),
  'export-file-perm': option({
    value: 'OCTAL',
    default: '600',
    help: 'permissions of new export files',
    read: (given) => {
      if (/^[0-7]{3,4}$/.test(given)) return Number.parseInt(given, 8)
      throw new BadValue('is not octal')
    },
  }),
  'export-file-max-size-mb': integer({
    ...{ min: 0, max: 1_000_000, default: '10' },
    help: 'put the export file aside when it has so many megabytes; 0 stands for 100',
  }),
  'export-file-rotation-interval': duration({
    default: '0s',
    help: 'put it aside after so much time as well; 0s: by size only',
  }),
  'export-file-max-backups': integer({
    ...{ min: 0, max: 100_000, default: '5' },
    help: 'how many old export files to keep; 0: all',
  }),
  'export-file-compress': flag({ help: 'compress old export files with gzip' }),
  'export-allowlist': messageList(Filter, {
    help: 'export only events that match one of these filters, such as {"event_set":["PROCESS_EXEC"]}; one a line',
  }),
  'export-denylist': messageList(Filter, {
    help: 'do not export events that match one of these filters; they count more than those that allow',
  }),
  'field-filters': messageList(FieldFilter, {
    help: 'export only these fields of events, such as {"fields":"process.binary,process.pid"}, or all but them',
  }),
  'enable-export-aggregation': flag({
    help: 'export events of policies that say the same of the same process once, with their number',
  }),
  'export-aggregation-window-size': duration({
    default: '15s',
    help: 'how long the first of them is held back for the others',
  }),
  'export-aggregation-buffer-size': integer({
    ...{ min: 1, max: 1_000_000, default: '10000' },
    help: 'how many different ones are held back at most',
  }),
  'enable-pid-set-filter': flag({
    help: 'allow pid_set in the filters of the export',
    noEffect: 'it is always allowed: it costs nothing where no filter has it',
  }),
  'export-rate-limit': integer({
    ...{ min: -1, max: 1e9, default: '-1' },
    help: 'export so many events a minute at most and tell how many were left out; 0: export nothing; -1: no limit',
  }),
}
