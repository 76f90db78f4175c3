import type { Addition } from './addition.ts'

const dummyType = `dummy_caps: {
  facets: ['number'],
  expects: { kind: 'bytes' },
  shape: { mask: u64, size: u32 },
  tailMax: 0,
  costly: true,
  readsUserMemory: true,
  read(hit, raw) {
    const from = asInt(hit.k, raw)
    const memory = hit.k.stackBytes(8)
    const failed = readAny(hit, memory, 8, from)
    const mask = memory.load(8)
    return { fields: () => ({ mask, size: 8 }), mask, unreadable: () => isError(failed), from }
  },
  json(out, { fields: { maskHigh, maskLow, size } }) {
    out.latin1(\`"dummy_caps_arg":{"mask":"\${hex(maskHigh)}\${hex(maskLow)}","size":\${size}}\`)
  },
} satisfies ArgumentType<{ readonly mask: typeof u64; readonly size: typeof u32 }>,
`

const dummySection = `import { nearest } from '@tetragon-ts/api/nearest'
import { kprobeBackend } from '../backends/kprobe.ts'
import { described, type HookSection } from './section.ts'

/** dummies: functions of the kernel, by kprobes only. */
export const dummySection: HookSection = {
  event: 'process_kprobe',
  nameField: 'call',
  memory: 'kernel',
  backends: [
    {
      name: 'kprobe',
      plan: (target, kernel) => kprobeBackend.plan({ ...target, section: 'kprobes' }, kernel),
    },
  ],
  targets: ({ call }) => [{ shown: call, symbol: call }],
  exists: ({ symbol }, _, kernel) => kernel.hasSymbol(symbol),
  absence: ({ shown }) => \`this kernel has no function \${shown}\`,
  nearest: ({ symbol }, kernel) => nearest(symbol, [...kernel.symbols]),
  parameters: ({ call }, btf) => described(btf, btf.prototype(call)?.params),
  resultType: () => undefined,
  head: (_, name) => ({ function_name: name }),
}
`

/** What hooks have: values with their own JSON, and a section. */
export const valueAdditions: readonly Addition[] = [
  {
    title: 'An argument type with its own JSON',
    most: 5,
    name: {
      file: 'policy/src/operators/argument-facts.ts',
      insert: { 'const facts = {\n': "dummy_caps: capabilities('Added.'),\n" },
    },
    missing: ['compiler/src/arguments/index.ts', 'policy/src/dry-run/argument-fields.ts'],
    rest: [
      {
        file: 'policy/src/dry-run/argument-fields.ts',
        insert: { 'readonly Field[]>> = {\n': "dummy_caps: ['dummy_caps_arg'],\n" },
      },
      {
        file: 'api/src/messages/kprobe-argument.ts',
        insert: {
          'export type KernelModule = MessageOf<typeof KernelModule>\n': `
export const DummyCaps = message('DummyCaps', { mask: string(1), size: uint32(2) })
export type DummyCaps = MessageOf<typeof DummyCaps>
`,
          'const arg = {\n':
            "dummy_caps_arg: nested(extensionNumber('KprobeArgument.dummy_caps_arg'), DummyCaps),\n",
        },
      },
      {
        file: 'api/src/extension-fields.ts',
        insert: {
          'export const extensionFields = {\n':
            "'KprobeArgument.dummy_caps_arg': { number: 2001, meaning: 'added' },\n",
        },
      },
      {
        file: 'compiler/src/arguments/capability.ts',
        insert: {
          'import { type Shape, s32, ': 'u32, ',
          'export const capabilityTypes = {\n': dummyType,
        },
      },
    ],
  },
  {
    title: 'A hook section',
    most: 6,
    name: {
      file: 'policy/src/arguments/section.ts',
      insert: { 'export const sections = [\n': "'dummies',\n" },
    },
    missing: [
      'compiler/src/sections/index.ts',
      'policy/src/checks/check-policy.ts',
      'policy/src/dry-run/recorded-hook.ts',
      'policy/src/schema/hooks.ts',
    ],
    rest: [
      {
        file: 'policy/src/schema/hooks.ts',
        insert: {
          'export type UsdtDocument = DocumentOf<typeof usdtSchema>\n': `
export const dummySchema = object('Dummy', 'A function of the kernel.', {
  call: required(string('Name of the function.', { minLength: 1 })),
  args,
  selectors,
  message,
  tags,
})
`,
          'export const hookLists = {\n': "dummies: list('Added.', dummySchema),\n",
        },
      },
      {
        file: 'policy/src/checks/check-policy.ts',
        insert: {
          "import { checkEnforcers } from './enforcers.ts'\n":
            "import { checkHook } from './hooks.ts'\n",
          'readonly [S in Section]: HookCheck<S> } = {\n': `dummies: (hook, index, context) =>
            checkHook(hook, { section: 'dummies', index, call: hook.call }, context),\n`,
        },
      },
      {
        file: 'policy/src/dry-run/recorded-hook.ts',
        insert: { 'switch (section) {\n': "case 'dummies': return one(functionPlace(call))\n" },
      },
      { file: 'compiler/src/sections/dummies.ts', create: dummySection },
      {
        file: 'compiler/src/sections/index.ts',
        insert: {
          "import type { Section } from '@tetragon-ts/policy'\n":
            "import { dummySection } from './dummies.ts'\n",
          'const sections = {\n': 'dummies: dummySection,\n',
        },
      },
    ],
  },
]
