import { ApiClient } from '@tetragon-ts/kubernetes'
import { clusterSettings } from '../cluster/cluster-settings.ts'
import { UsageError } from '../usage-error.ts'
import type { PrintedAccess } from './access.ts'
import { ReviewAccess } from './review-access.ts'
import { oneBrowser } from './token-access.ts'
import { TokenReviews } from './token-reviews.ts'

type Values = Parameters<typeof clusterSettings>[0] & {
  readonly 'token-review': boolean
  readonly 'public-url': string
  readonly open: boolean
}

/**
 * @returns makes the access for an origin that browsers see
 * @throws UsageError; KubernetesError if the address of the API server cannot be read
 */
export function accessOfOptions(values: Values): (origin: URL) => PrintedAccess {
  if (!values['token-review']) return oneBrowser
  const cluster = clusterSettings(values)
  if (cluster === undefined) {
    throw new UsageError('--token-review needs --cluster: the cluster knows the users')
  }
  if (values['public-url'] === '') {
    throw new UsageError('--token-review needs --public-url: the address of the proxy')
  }
  if (values.open) throw new UsageError('--open cannot be used with --token-review')
  const reviews = new TokenReviews(new ApiClient(cluster.address))
  return (origin) => ({
    access: new ReviewAccess(reviews, origin.protocol === 'https:'),
    address: origin.href,
  })
}
