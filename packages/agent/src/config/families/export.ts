import { BadValue, option, text } from '../option.ts'

/** Where events go. */
export const exportOptions = {
  'export-filename': text({
    value: 'FILE',
    help: 'append events to FILE instead of writing them to standard output',
  }),
  'export-file-perm': option({
    value: 'OCTAL',
    default: '600',
    help: 'permissions of a new export file',
    read: (given) => {
      if (/^[0-7]{3,4}$/.test(given)) return Number.parseInt(given, 8)
      throw new BadValue('is not octal')
    },
  }),
}
