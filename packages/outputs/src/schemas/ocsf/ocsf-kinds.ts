import type { Event, EventKey } from '@tetragon-ts/api'
import type { EventFacts } from '../event-facts.ts'
import { ocsfFile, ocsfProcess } from './ocsf-objects.ts'

/** The class of an event, and what it has beyond what all have. */
export interface OcsfEvent {
  readonly class: number
  readonly activity: number
  /** Name of an activity that the class does not have. */
  readonly activityName?: string
  readonly fields: Readonly<Record<string, unknown>>
}

type Kind = (event: Event, facts: EventFacts) => OcsfEvent

/** Names of system calls in the kernel. */
const systemCall = /^(?:__(?:x64|arm64|ia32|se)_)?sys_(\w+)$|^syscalls:sys_(?:enter|exit)_(\w+)$/

const kernelCall: Kind = (_, { functionName = 'unknown' }) => {
  const [, function_ = '', tracepoint = ''] = systemCall.exec(functionName) ?? []
  const call = function_ || tracepoint
  const type = call === '' ? { type_id: 99, type: 'Function' } : { type_id: 2, system_call: call }
  return { class: 1003, activity: 4, fields: { kernel: { name: functionName, ...type } } }
}

const userCall: Kind = (_, { functionName = 'unknown', path }) => {
  const module = { function_name: functionName, file: path ? ocsfFile(path) : undefined }
  return { class: 1005, activity: 3, fields: { module } }
}

/** All kinds of events in OCSF. */
export const ocsfKinds: Readonly<Record<EventKey, Kind>> = {
  process_exec: (_, { process, parent }) => ({
    class: 1007,
    activity: 1,
    fields: {
      process: process && ocsfProcess(process, parent),
      launch_type_id: process?.flags?.includes('execve') ? 3 : 2,
    },
  }),
  process_exit: ({ body }, { process, parent }) => ({
    class: 1007,
    activity: 2,
    fields: {
      process: process && ocsfProcess(process, parent),
      exit_code: 'status' in body ? body.status : 0,
      status_detail: 'signal' in body && body.signal ? body.signal : undefined,
    },
  }),
  process_loader: (_, { path = '' }) => ({
    class: 1005,
    activity: 1,
    fields: { module: { load_type_id: 4, file: ocsfFile(path) } },
  }),
  process_kprobe: kernelCall,
  process_tracepoint: kernelCall,
  process_lsm: kernelCall,
  process_uprobe: userCall,
  process_usdt: userCall,
  process_throttle: ({ body }) => {
    const { type, cgroup } = body as { readonly type?: unknown; readonly cgroup?: string }
    const isStart = type === 'THROTTLE_START'
    const message = `events of ${cgroup ?? 'a control group'} are ${isStart ? '' : 'not '}omitted`
    return { class: 1008, activity: isStart ? 10 : 9, fields: { log_name: 'tetragon', message } }
  },
  rate_limit_info: ({ response }) => {
    const count = Number(response.rate_limit_info?.number_of_dropped_process_events ?? 0)
    return { class: 6008, activity: 1, fields: { count, message: `${count} events lost` } }
  },
  test: () => ({
    class: 1008,
    activity: 99,
    activityName: 'Test',
    fields: { log_name: 'tetragon' },
  }),
}
