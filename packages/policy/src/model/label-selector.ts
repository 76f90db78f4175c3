import type { Located } from '../arguments/located.ts'

/** As in Kubernetes: all conditions must match. */
export interface LabelSelector extends Located {
  readonly matchLabels: Readonly<Record<string, string>>
  readonly matchExpressions: readonly LabelExpression[]
}

export interface LabelExpression {
  readonly key: string
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist'
  readonly values: readonly string[]
}
