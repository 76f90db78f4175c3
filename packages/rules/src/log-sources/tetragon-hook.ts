import { actingProcess } from './acting-process.ts'
import { eventField, type FieldValue } from './field.ts'
import { argumentValue, hookCall } from './hook-call.ts'
import type { FieldSource, HookUse, ReadingName } from './hook-use.ts'
import { type KernelHookName, kernelHook, kernelHooks, rulePolicyName } from './kernel-hook.ts'
import type { LogSource } from './log-source.ts'

/** Types of arguments whose fields the kernel tests. */
const readByType: Readonly<Record<string, ReadingName>> = {
  string: 'text',
  file: 'text',
  path: 'text',
  dentry: 'text',
  int: 'integer',
  uint32: 'integer',
  int64: 'integer',
  uint64: 'integer',
}

/** What a rule that names the function sees of a call. */
function useOf(hook: KernelHookName): HookUse {
  const { args, path } = kernelHook(hook)
  const fields: Record<string, FieldSource> = {
    Hook: { constant: hook },
    Policy: { constant: rulePolicyName(hook) },
    Action: 'unknown',
    Return: 'unknown',
  }
  for (const [i, { label, type }] of args.entries()) {
    const as = readByType[type]
    fields[`args.${label ?? i}`] = as === undefined ? 'unknown' : { argument: i, as }
  }
  // In events of functions of programs, the result is the last argument.
  if (path !== undefined) fields[`args.${args.length}`] = 'unknown'
  return { hook, fields }
}

/** Any hook of a policy, with its labelled arguments: a log source of our own. */
export const tetragonHook: LogSource = {
  name: 'tetragon_hook',
  key: 'category',
  doc: 'a hook of a policy posted an event',
  fields: {
    ...actingProcess,
    UtcTime: eventField('time of the event', 'time'),
    Hook: eventField('function, such as sys_openat, security_file_open or sched/sched_switch'),
    Policy: eventField('name of the policy'),
    Message: eventField('message of the policy'),
    Tags: eventField('tags of the policy'),
    Action: eventField('action of the selector, such as KPROBE_ACTION_POST'),
    Return: eventField('return value'),
  },
  openFields: {
    pattern: /^args\.\w+$/,
    written: 'args.LABEL',
    doc: 'argument with this label; without a label its index: args.0',
  },
  events: [
    ...(['process_kprobe', 'process_tracepoint', 'process_lsm'] as const),
    ...(['process_uprobe', 'process_usdt'] as const),
  ],
  hooks: [],
  uses: (Object.keys(kernelHooks) as KernelHookName[]).map(useOf),
  records(event) {
    const call = hookCall(event)
    if (call === undefined) return []
    const body = event.body as {
      readonly policy_name?: string
      readonly message?: string
      readonly tags?: readonly string[]
      readonly action?: string | number
    }
    const record: Record<string, FieldValue> = {
      UtcTime: event.response.time,
      Hook: call.name,
      Policy: body.policy_name,
      Message: body.message,
      Tags: body.tags,
      Action: body.action?.toString(),
      Return: call.result && argumentValue(call.result),
    }
    for (const [index, argument] of call.args.entries()) {
      record[`args.${argument.label || index}`] = argumentValue(argument)
    }
    return [record]
  },
}
