/** All error codes of this package: by class, with their meaning. */
export const errorCodes = {
  KubernetesError: {
    KUBERNETES_ADDRESS: 'The address or the credentials of the API server cannot be read.',
  },
} as const satisfies { KubernetesError: Record<`KUBERNETES_${string}`, string> }

export type KubernetesErrorCode = keyof (typeof errorCodes)['KubernetesError']
