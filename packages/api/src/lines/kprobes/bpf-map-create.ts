import type { KprobeFormat, KprobeFormats } from '../kprobe-format.ts'
import { detail } from '../line.ts'

const body: KprobeFormat = (args) => {
  const map = args[0]?.bpf_map_arg
  if (map === undefined) return { icon: '🗺', word: 'bpf_map_create', columns: [detail(undefined)] }
  const sizes = `key size ${map.KeySize ?? 0} value size ${map.ValueSize ?? 0}`
  const name = `${map.MapType ?? ''} ${map.MapName ?? ''}`
  const text = `${name} ${sizes} max entries ${map.MaxEntries ?? 0}`
  return { icon: '🗺', word: 'bpf_map_create', columns: [detail(text)] }
}

/**
 * `🗺 bpf_map_create default/xwing /usr/bin/bpftool BPF_MAP_TYPE_HASH m key size 4 …`.
 * The hook got its second name in kernel 6.9.
 */
export const bpfMapCreate: KprobeFormats = {
  security_bpf_map_alloc: body,
  security_bpf_map_create: body,
}
