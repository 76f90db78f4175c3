import {
  type DocumentOf,
  list,
  map,
  object,
  oneOf,
  redescribed,
  required,
  string,
} from '../fields/schema.ts'

export const labelSelectorSchema = object(
  'LabelSelector',
  'A label selector as in Kubernetes. All conditions must match; an empty selector matches all.',
  {
    matchLabels: map(
      'Labels and the values that they must have.',
      string('Value that the label must have.'),
    ),
    matchExpressions: list(
      'Conditions on labels.',
      object('LabelExpression', 'A condition on one label.', {
        key: required(string('Name of the label.')),
        operator: required(
          oneOf('How to compare the label with the values.', [
            'In',
            'NotIn',
            'Exists',
            'DoesNotExist',
          ]),
        ),
        values: list(
          'Values for `In` and `NotIn`; none for the others.',
          string('A value of the label.'),
        ),
      }),
    ),
  },
)
export type LabelSelectorDocument = DocumentOf<typeof labelSelectorSchema>

/** Some tools write `podSelector: null` for an absent selector. */
export const nullableSelector = { ...labelSelectorSchema, nullable: true } as const

/** The three workload selectors of a policy and of `matchWorkloads`. */
export const workloadSelectorFields = {
  podSelector: redescribed(
    nullableSelector,
    'Pods by their labels, including `k8s:io.kubernetes.pod.namespace`. Requires --enable-k8s-api and ' +
      '--enable-policy-filter of the agent.',
  ),
  containerSelector: redescribed(
    nullableSelector,
    'Containers of these pods, by `name` and `repo`. Requires the same.',
  ),
  hostSelector: redescribed(
    nullableSelector,
    'An empty selector (`{}`) includes processes of the host. Requires --enable-policy-filter.',
  ),
} as const
