import type { Addition } from './addition.ts'

// Each is added to an existing family, and a case of it to the cases of a family.

/** A case on the first argument of sys_lseek. */
function lseekCase(covers: string, type: string, matching: string): string {
  const policy = `
kprobes:
- call: sys_lseek
  syscall: true
  args:
  - index: 0
    type: ${type}
  selectors:
  - ${matching}`
  return `{
    name: 'added',
    covers: ${covers},
    policy: ${JSON.stringify(policy)},
    hit: ['try', 'lseek', '5', '1', '0'],
    miss: ['try', 'lseek', '6', '1', '0'],
  },
`
}

const matchFive = "matchArgs: [{index: 0, operator: Equal, values: ['5']}]"

export const policyAdditions: readonly Addition[] = [
  {
    title: 'An argument type',
    most: 3,
    name: {
      file: 'policy/src/operators/argument-facts.ts',
      insert: { 'const facts = {\n': 'dummy: integer(32, false),\n' },
    },
    missing: ['compiler/src/arguments/index.ts', 'policy/src/dry-run/argument-fields.ts'],
    rest: [
      {
        file: 'policy/src/dry-run/argument-fields.ts',
        insert: { 'readonly Field[]>> = {\n': 'dummy: integers,\n' },
      },
      {
        file: 'compiler/src/arguments/integer.ts',
        insert: { 'export const integerTypes = {\n': "dummy: integer(u32, 'uint_arg'),\n" },
      },
      {
        file: 'test/cases/policies/arguments/integer.ts',
        insert: {
          'integerCases: readonly PolicyCase[] = [\n': lseekCase(
            "{ kind: 'argument', name: 'dummy' }",
            'dummy',
            matchFive,
          ),
        },
      },
    ],
  },
  {
    title: 'An operator',
    most: 3,
    name: {
      file: 'policy/src/operators/text.ts',
      insert: {
        'export interface TextTests {\n': 'dummy: Strings\n',
        'export const textOperators = {\n': "Dummy: partOperator('dummy', 'Added.'),\n",
      },
    },
    missing: [
      'compiler/src/operators/index.ts',
      'test/cases/policies/operators/index.ts',
      'policy/src/dry-run/argument-conditions.ts',
    ],
    rest: [
      {
        file: 'policy/src/dry-run/argument-conditions.ts',
        insert: {
          'cel: undefined,\n':
            'dummy: ({ strings }) => ofText(strings, (text, wanted) => text.startsWith(wanted)),\n',
        },
      },
      {
        file: 'compiler/src/operators/text.ts',
        insert: {
          'export const textOperators = {\n': `dummy: {
            needs: () => 'text',
            condition: ([{ text }], { strings }, context) =>
              matchesText(context, text as Text, 'prefix', strings),
          } satisfies Operator<'dummy'>,\n`,
        },
      },
      {
        file: 'test/cases/policies/operators/text.ts',
        insert: {
          'textCases: readonly PolicyCase[] = [\n':
            "pathCase('Dummy', 'added', ['/a'], '/ab', '/ba'),\n",
          'export const textModels = {\n':
            "dummy: textModel('dummy', (value, wanted) => value.startsWith(wanted)),\n",
        },
      },
    ],
  },
  {
    title: 'An action',
    most: 2,
    name: {
      file: 'policy/src/actions/requests.ts',
      insert: {
        'export const requestActions = {\n': `Dummy: {
          ...facts,
          fields: { argDummy: string('Dummy: a name.') },
          doc: 'Added.',
          check: ({ argDummy: dummy = '' }: ActionDocumentWith<{ argDummy: StringSchema }>) => ({
            dummy,
          }),
        },\n`,
        'import {': ' type StringSchema,',
      },
    },
    missing: ['compiler/src/actions/index.ts'],
    rest: [
      {
        file: 'compiler/src/actions/requests.ts',
        insert: {
          'export const requestActions = {': `Dummy: {
            request: ({ dummy }) => ({ kind: 'dns-lookup', fqdn: dummy }),
          } satisfies ActionModule<'Dummy'>,`,
        },
      },
      {
        file: 'test/cases/policies/actions/no-post.ts',
        insert: {
          'noPostCases: readonly PolicyCase[] = [\n': lseekCase(
            "{ kind: 'action', name: 'Dummy' }",
            'int',
            `${matchFive}\n    matchActions: [{action: Dummy, argDummy: a}]`,
          ),
        },
      },
    ],
  },
]
