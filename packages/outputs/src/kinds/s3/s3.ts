import { BadValue, text } from '@tetragon-ts/service/options'
import { outputKind } from '../../connection.ts'
import { checkTls, tlsParameters } from '../../network/tls-parameters.ts'
import { checkFiles, fileParameters } from '../parquet/parquet.ts'
import { bucketUrl, prefixOf } from './bucket-address.ts'

/** S3 takes at most 5 GiB in one request. */
const fileMax = 4 * 2 ** 30

/** Parquet files in a bucket of S3, or of a server with its API. */
export const s3 = outputKind({
  schemes: ['s3'],
  guarantee: 'at least once while the agent runs',
  parameters: {
    ...fileParameters,
    ...tlsParameters,
    folder: text({ value: 'FOLDER', help: 'where files are until the bucket has them; required' }),
    'credentials-file': text({
      value: 'FILE',
      help: 'an AWS credentials file with the profile "default"; required',
    }),
    region: text({ default: 'us-east-1', help: 'region of the bucket' }),
    endpoint: text({
      value: 'URL',
      help: 'a server with the API of S3; default: that of AWS for the region',
    }),
  },
  ownFolder: ({ folder }) => folder,
  check: ({ url, values }) => {
    const { protocol } = bucketUrl(url.host, values)
    prefixOf(url)
    if (!values.folder.startsWith('/')) {
      throw new BadValue('folder is missing (example: folder=/var/lib/tetragon/s3)')
    }
    if (values['credentials-file'] === '') {
      throw new BadValue('credentials-file is missing (example: credentials-file=/etc/tetragon/s3)')
    }
    if (values['file-size'] > fileMax) throw new BadValue('file-size is at most 4G')
    checkFiles(values)
    checkTls(values, protocol === 'https:')
  },
  open: async (target) => {
    const { openS3 } = await import('./open-s3.ts')
    return openS3(target)
  },
})
