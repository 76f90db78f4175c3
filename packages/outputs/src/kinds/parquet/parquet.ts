import { BadValue, duration, flag, size } from '@tetragon-ts/service/options'
import { outputKind } from '../../connection.ts'
import { folderOf } from './file-names.ts'

/** The batch is read into memory, and encoded at a time. */
const batchMax = 64 << 20

/** Parameters of the files, wherever they go. */
export const fileParameters = {
  'file-age': duration({
    default: '15m',
    min: 1000,
    max: 3_600_000,
    help: 'how old a file becomes until it is complete; each hour has files of its own',
  }),
  'file-size': size({ default: '64M', help: 'size from which on a file is complete, in bytes' }),
  'batch-size': size({ default: '2M', help: 'maximum bytes of the events in a row group' }),
  'batch-wait': duration({
    default: '10s',
    max: 60_000,
    help: 'how long a row group waits for more events',
  }),
  original: flag({ help: 'add a column with the event as in the export file' }),
}

/** @throws BadValue */
export function checkFiles(values: { readonly 'batch-size': number }): void {
  if (values['batch-size'] > batchMax) throw new BadValue('batch-size is at most 64M')
}

/** Parquet files in a folder. */
export const parquet = outputKind({
  schemes: ['parquet'],
  isLocal: true,
  guarantee: 'at least once while the agent runs',
  parameters: fileParameters,
  sharedFolder: folderOf,
  check: ({ url, values }) => {
    if (url.host !== '') {
      throw new BadValue(`the URL has a host, "${url.host}" (example: parquet:///var/lib/events)`)
    }
    folderOf(url)
    checkFiles(values)
  },
  open: async (target) => {
    const { openParquet } = await import('./open-parquet.ts')
    return openParquet(target)
  },
})
