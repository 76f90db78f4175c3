import type { KprobeArgument } from '@tetragon-ts/api'
import type { Argument, ArgumentTypeName } from '../model/index.ts'

type Field = Exclude<keyof KprobeArgument, 'label'>

const integers: readonly Field[] = ['int_arg', 'uint_arg', 'size_arg', 'long_arg']
const buffers: readonly Field[] = ['bytes_arg', 'truncated_bytes_arg', 'size_arg']

/** Fields of events in which the values of argument types are; Tetragon's may differ by version. */
const fields: Readonly<Record<ArgumentTypeName, readonly Field[]>> = {
  auto: [],
  nop: [],
  int: integers,
  sint8: integers,
  int8: integers,
  uint8: integers,
  sint16: integers,
  int16: integers,
  uint16: integers,
  uint32: integers,
  sint32: integers,
  int32: integers,
  ulong: integers,
  uint64: integers,
  size_t: integers,
  long: integers,
  sint64: integers,
  int64: integers,
  char_buf: buffers,
  char_iovec: buffers,
  const_buf: buffers,
  iov_iter: buffers,
  skb: ['skb_arg'],
  sock: ['sock_arg'],
  socket: ['sock_arg'],
  sockaddr: ['sockaddr_arg'],
  sockaddr_un: ['sockaddrun_arg'],
  string: ['string_arg'],
  filename: ['string_arg'],
  data_loc: ['string_arg'],
  fd: ['file_arg'],
  file: ['file_arg'],
  kiocb: ['file_arg'],
  path: ['path_arg'],
  dentry: ['path_arg', 'file_arg'],
  linux_binprm: ['linux_binprm_arg'],
  net_device: ['net_dev_arg'],
  bpf_attr: ['bpf_attr_arg'],
  perf_event: ['perf_event_arg'],
  bpf_map: ['bpf_map_arg'],
  bpf_prog: ['bpf_prog_arg'],
  user_namespace: ['user_ns_arg', 'user_namespace_arg'],
  cred: ['process_credentials_arg', 'cred_arg'],
  load_info: ['module_arg'],
  module: ['module_arg'],
  capability: ['capability_arg'],
  bpf_cmd: ['bpf_cmd_arg'],
  syscall64: ['syscall_id', 'size_arg'],
  kernel_cap_t: ['kernel_cap_t_arg'],
  cap_inheritable: ['cap_inheritable_arg'],
  cap_permitted: ['cap_permitted_arg'],
  cap_effective: ['cap_effective_arg'],
  addrinfo: ['addrinfo_arg'],
  int32_arr: ['int32_list_arg'],
  go_string: ['string_arg'],
}

/** Whether a recorded value can be of an argument of this type. */
function fits(type: ArgumentTypeName, recorded: KprobeArgument): boolean {
  if (type === 'auto' || recorded.error_arg !== undefined) return true
  return fields[type].some((field) => recorded[field] !== undefined)
}

/**
 * Finds the values of arguments among those of an event, which do not say which parameter they are:
 * by label, else by order if the types of all are the same, else by type if only one has it.
 */
export function assignValues(
  declared: readonly Argument[],
  recorded: readonly KprobeArgument[],
): (KprobeArgument | undefined)[] {
  // Arguments of this type do not appear in events.
  const shown = declared.filter(({ type }) => type !== 'nop')
  const isSame =
    shown.length === recorded.length && shown.every(({ type }, i) => fits(type, recorded[i]))
  return declared.map((argument) => {
    const { label, type } = argument
    const labelled = recorded.filter((each) => label !== '' && each.label === label)
    if (labelled.length === 1) return labelled[0]
    if (isSame) return recorded[shown.indexOf(argument)]
    const alike = recorded.filter((each) => fits(type, each))
    const rivals = shown.filter((other) => alike.some((each) => fits(other.type, each)))
    return alike.length === 1 && rivals.length === 1 ? alike[0] : undefined
  })
}
