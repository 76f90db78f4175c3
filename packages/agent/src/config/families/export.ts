import { FieldFilter, Filter } from '@tetragon-ts/api'
import { BadValue, duration, flag, integer, option, text } from '@tetragon-ts/service/options'
import { messageList } from '../json-messages.ts'

/** The export. */
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
      throw new BadValue(`invalid octal number "${given}" (example: 600)`)
    },
  }),
  'export-file-max-size-mb': integer({
    min: 0,
    max: 1_000_000,
    default: '10',
    help: 'rotate the export file when it reaches this size; 0: 100',
  }),
  'export-file-rotation-interval': duration({
    default: '0s',
    help: 'also rotate it after this time; 0s: by size only',
  }),
  'export-file-max-backups': integer({
    min: 0,
    max: 100_000,
    default: '5',
    help: 'number of old export files to keep; 0: all',
  }),
  'export-file-compress': flag({ help: 'compress old export files with gzip' }),
  'export-allowlist': messageList(Filter, {
    help:
      'export only events that match one of these filters, such as ' +
      '{"event_set":["PROCESS_EXEC"]}; one per line',
  }),
  'export-denylist': messageList(Filter, {
    help: 'do not export events that match one of these filters, even if they match the allowlist',
  }),
  'field-filters': messageList(FieldFilter, {
    help:
      'export only these fields, such as {"fields":"process.binary,process.pid"}; with ' +
      '"action":"EXCLUDE": all other fields',
  }),
  'export-extension-fields': flag({
    default: 'true',
    help:
      'export the fields that Tetragon does not have, such as enforcement; false: for clients that ' +
      'refuse unknown fields',
  }),
  'enable-export-aggregation': flag({
    help: 'export equal policy events of a process as one event with their number',
  }),
  'export-aggregation-window-size': duration({
    default: '15s',
    help: 'how long an event waits for equal ones',
  }),
  'export-aggregation-buffer-size': integer({
    min: 1,
    max: 1_000_000,
    default: '10000',
    help: 'maximum number of waiting events',
  }),
  'enable-pid-set-filter': flag({
    help: 'allow pid_set in the filters of the export',
    noEffect: 'pid_set is always allowed: it costs nothing unless a filter uses it',
  }),
  'export-rate-limit': integer({
    min: -1,
    max: 1e9,
    default: '-1',
    help:
      'maximum number of exported events per minute; the number of omitted ones is reported; ' +
      '0: export nothing; -1: no limit',
  }),
}
