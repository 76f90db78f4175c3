import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { WorkloadSelection } from '@tetragon-ts/compiler/hooks'
import type { LabelSelector } from '@tetragon-ts/policy'
import { compileSelection, type PodState, type Selected } from './selection.ts'

const labels = (
  matchLabels: Record<string, string>,
  matchExpressions: LabelSelector['matchExpressions'] = [],
): LabelSelector => ({ path: '', matchLabels, matchExpressions })

const none: WorkloadSelection = {
  namespace: '',
  podSelector: undefined,
  containerSelector: undefined,
  host: false,
}
const container = { name: 'main', image: 'localhost:5000/team/web:1.2@sha256:00' }
const pod = { namespace: 'shop', labels: { app: 'web' }, container }
const namespaceIs = (namespace: string) => labels({ 'k8s:io.kubernetes.pod.namespace': namespace })

const cases: readonly (readonly [string, Partial<WorkloadSelection>, PodState, Selected])[] = [
  ['any pod', { podSelector: labels({}) }, pod, 'yes'],
  ['not the host', { podSelector: labels({}) }, 'outside', 'no'],
  ['an unknown pod', { podSelector: labels({}) }, 'unknown', 'unknown'],
  ['the host', { host: true }, 'outside', 'yes'],
  ['no pod', { host: true }, pod, 'no'],
  ['a label', { podSelector: labels({ app: 'web' }) }, pod, 'yes'],
  ['another label', { podSelector: labels({ app: 'db' }) }, pod, 'no'],
  [
    'labels that are not known',
    { podSelector: labels({ app: 'db' }) },
    { ...pod, labels: undefined },
    'unknown',
  ],
  [
    'any labels, before they are known',
    { podSelector: labels({}) },
    { ...pod, labels: undefined },
    'yes',
  ],
  [
    'any container, before it has a name',
    { podSelector: labels({}), containerSelector: labels({}) },
    { ...pod, container: 'unknown' },
    'yes',
  ],
  [
    'a container that has no name yet',
    { podSelector: labels({}), containerSelector: labels({ name: 'main' }) },
    { ...pod, container: 'unknown' },
    'unknown',
  ],
  [
    'a container without a name in another pod',
    { podSelector: labels({ app: 'db' }), containerSelector: labels({ name: 'main' }) },
    { ...pod, container: 'unknown' },
    'no',
  ],
  ['the namespace of a policy', { namespace: 'shop' }, pod, 'yes'],
  ['another namespace', { namespace: 'bank' }, pod, 'no'],
  ['the host outside of a namespace', { namespace: 'shop' }, 'outside', 'no'],
  ['the namespace as a label', { podSelector: namespaceIs('shop') }, pod, 'yes'],
  [
    'the namespace as a label, before other labels are known',
    { podSelector: namespaceIs('bank') },
    { ...pod, labels: undefined },
    'no',
  ],
  [
    'another namespace, whatever the labels are',
    {
      podSelector: { ...namespaceIs('bank'), matchExpressions: labels({}).matchExpressions },
      namespace: 'bank',
    },
    { ...pod, labels: undefined },
    'no',
  ],
  [
    'a label that claims another namespace',
    { podSelector: namespaceIs('bank') },
    { ...pod, labels: { 'k8s:io.kubernetes.pod.namespace': 'bank' } },
    'no',
  ],
  ['a container', { containerSelector: labels({ name: 'main' }) }, pod, 'yes'],
  ['another container', { containerSelector: labels({ name: 'side' }) }, pod, 'no'],
  [
    'the repository of an image',
    { containerSelector: labels({ repo: 'localhost:5000/team/web' }) },
    pod,
    'yes',
  ],
  [
    'no sandbox',
    { containerSelector: labels({}, [{ key: 'name', operator: 'NotIn', values: ['side'] }]) },
    { ...pod, container: undefined },
    'no',
  ],
  [
    'the sandbox, without conditions on containers',
    { containerSelector: labels({}) },
    { ...pod, container: undefined },
    'yes',
  ],
]

for (const [name, selection, state, expected] of cases) {
  test(`a selection decides about ${name}`, () => {
    assert.equal(compileSelection({ ...none, ...selection })(state), expected)
  })
}
