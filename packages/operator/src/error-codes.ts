/** All error codes of the operator: by class, with their meaning. */
export const errorCodes = {
  OperatorError: {
    OPERATOR_CERTIFICATE: 'A certificate cannot be made, or its Secret cannot be written.',
    OPERATOR_CRD: 'A CRD cannot be installed; the message has the reason of the API server.',
    OPERATOR_OPTION: 'An option is unknown, or its value is invalid; exit code 2.',
    OPERATOR_SERVER: 'The operator cannot listen on an address.',
  },
} as const satisfies { OperatorError: Record<`OPERATOR_${string}`, string> }

export type OperatorErrorCode = keyof (typeof errorCodes)['OperatorError']
