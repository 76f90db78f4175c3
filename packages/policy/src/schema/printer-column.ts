/** A column of `kubectl get`. */
export interface PrinterColumn {
  readonly name: string
  readonly type: 'integer' | 'date' | 'string'
  readonly description: string
  readonly jsonPath: string
  /** Above 0: only with `-o wide`. */
  readonly priority?: number
}

/** The last column, which a kind with columns of its own would lack. */
export const ageColumn: PrinterColumn = {
  name: 'Age',
  type: 'date',
  description: 'Time since it was created.',
  jsonPath: '.metadata.creationTimestamp',
}
