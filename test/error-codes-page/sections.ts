import { errorCodes as agent } from '@tetragon-ts/agent'
import { errorCodes as api } from '@tetragon-ts/api'
import { errorCodes as kernels } from '@tetragon-ts/compiler/kernel-description'
import { errorCodes as elf } from '@tetragon-ts/ebpf/elf'
import { errorCodes as ebpf } from '@tetragon-ts/ebpf/errors'
import { errorCodes as kubernetes } from '@tetragon-ts/kubernetes'
import { errorCodes as operator } from '@tetragon-ts/operator'
import { errorCodes as filters, diagnosticCodes as policy } from '@tetragon-ts/policy'
import { ruleCodes as rules } from '@tetragon-ts/rules'
import { errorCodes as test } from '../error-codes.ts'

/** Meanings by class and code. */
export type CodeTable = Readonly<Record<string, Readonly<Record<string, string>>>>

/** The codes of one package. */
export interface Section {
  readonly title: string
  readonly intro: string
  readonly codes: CodeTable
}

/** Programs export nothing: their tables are imported from their files. */
async function programCodes(path: string): Promise<CodeTable> {
  const url = new URL(`../../../${path}/error-codes.js`, import.meta.url)
  return ((await import(url.href)) as { errorCodes: CodeTable }).errorCodes
}

/** In page order. */
export const sections: readonly Section[] = [
  {
    title: 'Agent',
    intro:
      'The agent ends with exit code 1, or 2 for AGENT_OPTION, and logs the code in brackets. A ' +
      '`RequestError` is the answer to a client: the gRPC status is in parentheses.',
    codes: agent,
  },
  {
    title: 'Policies',
    intro: 'Each diagnostic about a policy has a code, a severity, a position and a message.',
    codes: { Diagnostic: policy },
  },
  {
    title: 'Detection rules',
    intro: 'Each diagnostic about a rule has a code, a severity, a position and a message.',
    codes: { RuleDiagnostic: rules },
  },
  {
    title: 'Descriptions of kernels',
    intro: 'Errors of `packages/compiler` in files of `tetragon kernel describe`.',
    codes: kernels,
  },
  {
    title: 'Command line',
    intro: 'Errors of `tetra`.',
    codes: await programCodes('packages/tetra/dist'),
  },
  {
    title: 'Operator',
    intro:
      'The operator ends with exit code 1, or 2 for OPERATOR_OPTION, and logs the code in brackets.',
    codes: operator,
  },
  {
    title: 'API',
    intro: 'Errors of `packages/api`: messages and the compact printer.',
    codes: api,
  },
  {
    title: 'Filters',
    intro: 'Errors of `packages/policy` in filters of events and in regular expressions.',
    codes: filters,
  },
  {
    title: 'Kubernetes',
    intro: 'Errors of `packages/kubernetes`. The agent reports them as AGENT_OPTION.',
    codes: kubernetes,
  },
  {
    title: 'eBPF',
    intro: 'Errors of `packages/ebpf`. The agent logs them like its own.',
    codes: { ...ebpf, ...elf },
  },
  {
    title: 'Tests and benchmarks',
    intro: 'Errors of `test` and `bench`, which only developers see.',
    codes: { ...test, ...(await programCodes('bench/dist')) },
  },
]
