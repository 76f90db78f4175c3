import { type HelperName, helper } from '../asm/index.ts'
import type { MapSpec } from '../maps/index.ts'
import type { Builder } from './builder.ts'
import { Bytes } from './bytes.ts'
import type { Argument } from './codegen/ir.ts'
import { Int, type IntLike, operandOf } from './int.ts'
import { addressOf, type Ptr, placeOf } from './pointer.ts'

type Kind = 'int' | 'memory' | 'map'

/** What a helper takes, in order: an integer or address, memory of ours, a map. */
const signatures = {
  ktime_get_ns: [],
  ktime_get_boot_ns: [],
  get_smp_processor_id: [],
  get_current_pid_tgid: [],
  get_current_uid_gid: [],
  get_current_cgroup_id: [],
  get_current_task: [],
  get_current_task_btf: [],
  tail_call: ['int', 'map', 'int'],
  get_socket_cookie: ['int'],
  get_stackid: ['int', 'map', 'int'],
  get_stack: ['int', 'memory', 'int', 'int'],
  get_func_ret: ['int', 'memory'],
  skc_to_tcp_sock: ['int'],
  get_prandom_u32: [],
  get_attach_cookie: ['int'],
  get_current_comm: ['memory', 'int'],
  probe_read_kernel: ['memory', 'int', 'int'],
  probe_read_user: ['memory', 'int', 'int'],
  copy_from_user: ['memory', 'int', 'int'],
  probe_write_user: ['int', 'memory', 'int'],
  probe_read_kernel_str: ['memory', 'int', 'int'],
  probe_read_user_str: ['memory', 'int', 'int'],
  map_lookup_elem: ['map', 'memory'],
  map_update_elem: ['map', 'memory', 'memory', 'int'],
  map_delete_elem: ['map', 'memory'],
  ringbuf_output: ['map', 'memory', 'int', 'int'],
  ringbuf_reserve: ['map', 'int', 'int'],
  ringbuf_submit: ['memory', 'int'],
  ringbuf_discard: ['memory', 'int'],
  ringbuf_query: ['map', 'int'],
  send_signal: ['int'],
  override_return: ['int', 'int'],
  ima_file_hash: ['memory', 'memory', 'int'],
  seq_write: ['memory', 'memory', 'int'],
  trace_printk: ['memory', 'int', 'int', 'int', 'int'],
} as const satisfies Partial<Record<HelperName, readonly Kind[]>>

export type KnownHelper = keyof typeof signatures

/** A map that is chosen when the program is complete, by what all of it takes. */
export class LateMap {
  readonly choose: () => MapSpec

  constructor(choose: () => MapSpec) {
    this.choose = choose
  }
}

interface ArgumentOf {
  int: IntLike
  memory: Bytes | Int | Ptr<object>
  map: MapSpec | LateMap
}

type ArgumentsOf<T extends readonly Kind[]> = { -readonly [I in keyof T]: ArgumentOf[T[I]] }

/** The arguments of a helper, checked by the compiler. */
export type HelperArguments<N extends KnownHelper> = ArgumentsOf<(typeof signatures)[N]>

/** Calls a helper and gives its result. */
export function callHelper<N extends KnownHelper>(
  builder: Builder,
  name: N,
  args: HelperArguments<N>,
): Int {
  const dst = builder.register()
  const list = [...args].map(argument)
  builder.noted(`bpf_${name}`, () => {
    builder.emit({ op: 'call', helper: helper[name], args: list, dst })
  })
  return new Int(builder, dst)
}

function argument(arg: unknown): Argument {
  if (arg instanceof Bytes) return arg.argument()
  if (arg instanceof Int || typeof arg === 'number' || typeof arg === 'bigint')
    return operandOf(arg)
  if (arg instanceof LateMap) {
    return {
      get map() {
        return arg.choose()
      },
    }
  }
  const place = placeOf(arg)
  if (!place) return { map: arg as MapSpec }
  if (typeof place.base !== 'number') return { slot: place.base, at: place.offset }
  return addressOf(place)
}
