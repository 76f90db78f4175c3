import type { Action } from '../action.ts'
import { defences } from './defense-evasion/defences.ts'
import { evasion } from './defense-evasion/evasion.ts'
import { hiding } from './defense-evasion/hiding.ts'
import { traces } from './defense-evasion/traces.ts'

/** Ways not to be found. */
export const defenseEvasion: readonly Action[] = [...traces, ...hiding, ...defences, ...evasion]
