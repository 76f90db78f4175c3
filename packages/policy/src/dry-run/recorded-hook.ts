import type { Event, EventKey, GetEventsResponse } from '@tetragon-ts/api'
import type { Hook, NamedList, Policy } from '../model/index.ts'
import { lsmCaller } from '../model/lsm-callers.ts'
import { compileRegExp } from '../regexp/regexp.ts'

/** Prefixes of system calls: in events, and in policies. Those of 32-bit programs are others. */
const native = /^(?:(?:x64|arm64)\/|__(?:x64|arm64)_)(?=sys_)/
const of32Bit = /^(?:(?:i386|arm32)\/|__(?:ia32|arm64)_(?:compat_)?)(?=sys_)/

/**
 * Whether a hook is at a place, as `placeOf` names those of events: a kprobe and an LSM hook can be
 * at the same.
 */
export function placesOf(hook: Hook, { lists }: Policy): (place: string) => boolean {
  const { section, call, user } = hook
  switch (section) {
    case 'kprobes':
    case 'fentries': {
      const list = hook.list === undefined ? undefined : lists.get(hook.list)
      return list ? placesOfList(list) : one(functionPlace(call))
    }
    case 'lsmhooks':
      return one(functionPlace(lsmCaller(call)))
    case 'tracepoints':
      return one(`tracepoint ${call}`)
    case 'uprobes': {
      const { file, symbols = [], offsets = [] } = user ?? {}
      const start = `uprobe ${file} `
      if (hasAddresses(hook)) return (place) => place.startsWith(start)
      return oneOf([...symbols, ...offsets].map((place) => `${start}${place}`))
    }
    case 'usdts':
      return one(`usdt ${user?.file} ${call}`)
    case 'processes':
      return one(startPlace)
  }
}

/** Events have symbols and file offsets only, so a hook with addresses may be at any place. */
export function hasAddresses({ user }: Hook): boolean {
  return user !== undefined && user.addresses.length > 0
}

function placesOfList({ type, pattern, values }: NamedList): (place: string) => boolean {
  if (type === 'generated_syscalls') return (place) => place.startsWith(functionPlace('sys_'))
  if (type !== 'generated_ftrace') return oneOf(values.map(functionPlace))
  const expression = compileRegExp(pattern ?? '')
  const start = functionPlace('')
  return (place) => place.startsWith(start) && expression.test(place.slice(start.length))
}

function one(own: string): (place: string) => boolean {
  return (place) => place === own
}

function oneOf(names: readonly string[]): (place: string) => boolean {
  const all = new Set(names)
  return (place) => all.has(place)
}

function functionPlace(name = ''): string {
  const own = name.replace(native, '').replace(of32Bit, '32-bit ')
  return `function ${own}`
}

/** How events name their places, as `placesOf` does. */
const names = {
  process_kprobe: ({ function_name }) => functionPlace(function_name),
  process_lsm: ({ function_name = '' }) => functionPlace(lsmCaller(function_name)),
  process_tracepoint: ({ subsys, event }) => `tracepoint ${subsys}/${event}`,
  process_uprobe: ({ path, symbol, offset }) => `uprobe ${path} ${symbol ?? offset}`,
  process_usdt: ({ path, provider, name }) => `usdt ${path} ${provider}/${name}`,
} satisfies { [K in EventKey]?: (body: NonNullable<GetEventsResponse[K]>) => string }

/** An event that records a call. */
export type HookEvent = Extract<Event, { readonly key: keyof typeof names }>

export function isHookEvent(event: Event): event is HookEvent {
  return Object.hasOwn(names, event.key)
}

/** Name of the place that an event was recorded at. */
export function placeOf({ key, body }: HookEvent): string {
  return (names[key] as (body: HookEvent['body']) => string)(body)
}

/** The place of filters of process events. */
export const startPlace = 'process_exec'

/** Functions that each start of a program calls with its struct linux_binprm (fs/exec.c). */
export const execPlaces = [
  ...['creds_for_exec', 'creds_from_file', 'check', 'committing_creds', 'committed_creds'],
].map((name) => functionPlace(`security_bprm_${name}`))
